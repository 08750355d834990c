namespace DeviceMqtt.Wire
{
    /// <summary>What an answer's <c>st</c> says.</summary>
    public static class CommandStatus
    {
        /// <summary>Carried out.</summary>
        public const string Ok = "ok";

        /// <summary>Not carried out; the code says why.</summary>
        public const string Error = "err";

        /// <summary>Not carried out, because the device has too much to do; the sender may try again with the same id.</summary>
        public const string Busy = "busy";

        /// <summary>Not carried out, because its time was over when the device saw it.</summary>
        public const string Expired = "expired";

        /// <summary>
        /// Begun before under this id, but the answer is not known any more: it was too long to be kept, or the board restarted in the middle
        /// (<see cref="CommandErrorCode.Interrupted"/>). A kept answer is repeated word for word instead.
        /// </summary>
        public const string Duplicate = "dup";

        /// <summary>True if the text is one of the five.</summary>
        public static bool IsKnown(string status)
        {
            return status == Ok || status == Error || status == Busy || status == Expired || status == Duplicate;
        }
    }
}
