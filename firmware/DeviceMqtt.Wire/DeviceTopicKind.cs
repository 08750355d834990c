namespace DeviceMqtt.Wire
{
    /// <summary>What a device publishes under <c>{prefix}/{device}/</c>.</summary>
    public enum DeviceTopicKind
    {
        /// <summary>Not a device topic.</summary>
        None = 0,

        /// <summary><c>info</c>: the birth message, retained.</summary>
        Info = 1,

        /// <summary><c>tele/{stream}</c>: readings.</summary>
        Telemetry = 2,

        /// <summary><c>evt/{name}</c>: edges and alarms.</summary>
        Event = 3,
    }
}
