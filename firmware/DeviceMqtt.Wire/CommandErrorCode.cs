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

        /// <summary>First number that a handler may use for its own errors.</summary>
        HandlerFirst = 100,
    }
}
