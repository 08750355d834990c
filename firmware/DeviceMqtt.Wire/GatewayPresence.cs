namespace DeviceMqtt.Wire
{
    /// <summary>
    /// What the gateway says about a client on <c>$gw/presence/{clientId}</c>, retained.
    /// <code>{"online":true,"since":1795210757,"reason":"connected","conn":7}</code>
    /// Offline is said only for the same <c>conn</c> number that was said to be online.
    /// </summary>
    public static class GatewayPresence
    {
        /// <summary>Member name: <c>true</c> while the client is connected.</summary>
        public const string OnlineField = "online";

        /// <summary>Member name: epoch seconds of the last change.</summary>
        public const string SinceField = "since";

        /// <summary>Member name: why it changed, the gateway's word for it.</summary>
        public const string ReasonField = "reason";

        /// <summary>Member name: number of the connection, counted up by the gateway.</summary>
        public const string ConnectionField = "conn";

        /// <summary>Writes the payload. False if it does not fit into the writer.</summary>
        public static bool Write(FlatJsonWriter writer, bool online, long sinceSeconds, string reason, long connection)
        {
            writer.Begin();
            writer.Add(OnlineField, online);
            writer.Add(SinceField, sinceSeconds);
            writer.Add(ReasonField, reason);
            writer.Add(ConnectionField, connection);
            return writer.End();
        }
    }
}
