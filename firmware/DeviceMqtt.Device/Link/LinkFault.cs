namespace DeviceMqtt.Device
{
    /// <summary>Why there is no connection.</summary>
    public enum LinkFault
    {
        /// <summary>No fault.</summary>
        None = 0,

        /// <summary>The client could not be made: the host name was not resolved.</summary>
        NotResolved = 1,

        /// <summary>TCP or TLS failed.</summary>
        NotReachable = 2,

        /// <summary>The gateway did not answer CONNECT, or hung up before it did.</summary>
        NoAnswer = 3,

        /// <summary>The gateway refused: Client Identifier, user name or password.</summary>
        Refused = 4,

        /// <summary>The attempt took longer than <see cref="DeviceLimits.ConnectMs"/>.</summary>
        TimedOut = 5,

        /// <summary>The connection was closed, by the gateway or by the network.</summary>
        Closed = 6,

        /// <summary>Messages were not acknowledged.</summary>
        NotAcknowledged = 7,

        /// <summary>The library threw on Publish.</summary>
        PublishFailed = 8,

        /// <summary>The device ended it.</summary>
        Left = 9,
    }
}
