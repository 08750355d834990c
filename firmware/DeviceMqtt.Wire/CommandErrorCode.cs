namespace DeviceMqtt.Wire
{
    /// <summary>The <c>code</c> of an answer with <c>"st":"err"</c>. Handlers use numbers from <see cref="HandlerFirst"/> on for their own errors.</summary>
    public enum CommandErrorCode
    {
        /// <summary>No error.</summary>
        None = 0,

        /// <summary>The device knows no such command.</summary>
        UnknownCommand = 1,

        /// <summary>An argument is missing, has the wrong type or is out of range.</summary>
        BadArguments = 2,

        /// <summary>The result did not fit into an answer.</summary>
        ResultTooLong = 3,

        /// <summary>The handler threw: a defect of the firmware.</summary>
        HandlerFailed = 4,

        /// <summary>The envelope is longer than <see cref="WireLimits.CommandBytesMax"/>, or a member of it is missing or wrong.</summary>
        BadEnvelope = 5,

        /// <summary>The id is missing, empty, too long, neither string nor number, given twice, or has U+0000 in it.</summary>
        BadId = 6,

        /// <summary>The sender used this id for another command before. Not carried out.</summary>
        IdReused = 7,

        /// <summary>With <see cref="CommandStatus.Duplicate"/>: the board restarted in the middle of this command, before it could answer.</summary>
        Interrupted = 8,

        /// <summary>The pin could not be driven or read.</summary>
        PinFailed = 20,

        /// <summary>There is no such pin, or the board uses it for something else.</summary>
        PinNotFree = 21,

        /// <summary>The change could not be kept in flash; nothing has changed.</summary>
        FlashFailed = 22,

        /// <summary>The clock could not be set.</summary>
        ClockFailed = 23,

        /// <summary>First number that a handler may use for its own errors.</summary>
        HandlerFirst = 100,
    }
}
