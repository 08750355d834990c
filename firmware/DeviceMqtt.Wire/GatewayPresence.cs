namespace DeviceMqtt.Wire
{
    /// <summary>
    /// What the gateway says about a client on <c>$gw/presence/{clientId}</c>, retained.
    /// <code>{"online":true,"since":1795210757,"reason":"connected","conn":7,"gw":"192.168.1.10:1883"}
    /// {"online":false,"since":1795210790,"reason":"asleep","conn":7,"gw":"192.168.1.10:1883","until":1795211390}</code>
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

        /// <summary>Member name: where the gateway is reached; missing where it does not know.</summary>
        public const string GatewayField = "gw";

        /// <summary>Member name: epoch seconds when a device that sleeps is to be back; missing for others.</summary>
        public const string UntilField = "until";

        /// <summary>Writes the payload.</summary>
        /// <param name="writer">Begun and ended here.</param>
        /// <param name="online">The client is connected.</param>
        /// <param name="sinceSeconds">Epoch seconds of the last change.</param>
        /// <param name="reason">Why it changed.</param>
        /// <param name="connection">Number of the connection.</param>
        /// <param name="gateway">Where the gateway is reached, or empty.</param>
        /// <param name="untilSeconds">Epoch seconds when a device that sleeps is to be back, or 0.</param>
        /// <returns>False if it does not fit into the writer.</returns>
        public static bool Write(FlatJsonWriter writer, bool online, long sinceSeconds, string reason, long connection, string gateway, long untilSeconds)
        {
            writer.Begin();
            writer.Add(OnlineField, online);
            writer.Add(SinceField, sinceSeconds);
            writer.Add(ReasonField, reason);
            writer.Add(ConnectionField, connection);
            if (gateway.Length > 0)
            {
                writer.Add(GatewayField, gateway);
            }

            if (untilSeconds > 0)
            {
                writer.Add(UntilField, untilSeconds);
            }

            return writer.End();
        }
    }
}
