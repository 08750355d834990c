namespace DeviceMqtt.Device
{
    /// <summary>Where the connection to the gateway stands.</summary>
    public enum LinkState
    {
        /// <summary>No connection; the next attempt waits for its time.</summary>
        Down = 0,

        /// <summary>An attempt is being made.</summary>
        Connecting = 1,

        /// <summary>Connected.</summary>
        Up = 2,

        /// <summary>Ended for good, by a clean stop.</summary>
        Ended = 3,
    }
}
