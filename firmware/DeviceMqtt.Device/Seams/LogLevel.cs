namespace DeviceMqtt.Device
{
    /// <summary>How much a log hears.</summary>
    public enum LogLevel
    {
        /// <summary>Nothing.</summary>
        Off = 0,

        /// <summary>What went wrong.</summary>
        Error = 1,

        /// <summary>What somebody with a cable wants to know as well.</summary>
        Info = 2,

        /// <summary>Everything.</summary>
        Debug = 3,
    }
}
