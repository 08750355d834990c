namespace DeviceMqtt.Wire
{
    /// <summary>The errors of <see cref="CommandErrorCode"/> in words, for the people who sent the command.</summary>
    public static class CommandErrorText
    {
        /// <summary>What the number means; empty for no error, and for the errors that a handler has of its own.</summary>
        public static string Of(int code)
        {
            switch (code)
            {
                case (int)CommandErrorCode.UnknownCommand: return "no such command";
                case (int)CommandErrorCode.BadArguments: return "an argument is missing, of the wrong kind, or out of range";
                case (int)CommandErrorCode.ResultTooLong: return "the result is too long for an answer";
                case (int)CommandErrorCode.HandlerFailed: return "the firmware failed";
                case (int)CommandErrorCode.BadEnvelope: return "it has more than 1,024 bytes, lacks cmd or from, or one of cmd, args, from, exp and ttl (seconds) is wrong";
                case (int)CommandErrorCode.BadId: return "id must be a string or number of 1 to 40 bytes, without U+0000";
                case (int)CommandErrorCode.IdReused: return "this id was used for another command: use a fresh id for each";
                case (int)CommandErrorCode.Interrupted: return "the board restarted in the middle of this command";
                case (int)CommandErrorCode.PinFailed: return "the pin could not be driven or read";
                case (int)CommandErrorCode.PinNotFree: return "no such pin, or the board uses it for something else";
                case (int)CommandErrorCode.FlashFailed: return "the change could not be kept in flash";
                case (int)CommandErrorCode.ClockFailed: return "the clock could not be set";
                default: return "";
            }
        }
    }
}
