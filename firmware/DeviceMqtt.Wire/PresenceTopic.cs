namespace DeviceMqtt.Wire
{
    /// <summary>
    /// <c>presence/{clientId}</c>, by the device (QoS 1, retained), and <c>$gw/presence/{clientId}</c>, by the gateway. A device says
    /// <c>true</c> in its first message and <c>false</c> in its Will and before a clean disconnect.
    /// </summary>
    public static class PresenceTopic
    {
        /// <summary>Payload of a device that is there: four ASCII bytes.</summary>
        public const string Online = "true";

        /// <summary>Payload of a device that is gone: five ASCII bytes.</summary>
        public const string Offline = "false";

        private const string DeviceRoot = "presence/";
        private const string GatewayRoot = "$gw/presence/";

        /// <summary>Where a device tells its own presence.</summary>
        public static string Build(string clientId)
        {
            return string.Concat(DeviceRoot, clientId);
        }

        /// <summary>Where the gateway tells what it knows about a client.</summary>
        public static string BuildGateway(string clientId)
        {
            return string.Concat(GatewayRoot, clientId);
        }

        /// <summary>The client of <c>presence/{clientId}</c>; an id with <c>/</c> is taken whole. An empty string when the result is false.</summary>
        public static bool TryParse(string topic, out string clientId)
        {
            return TopicText.TryCutPrefix(topic, DeviceRoot, out clientId);
        }

        /// <summary>The client of <c>$gw/presence/{clientId}</c>. An empty string when the result is false.</summary>
        public static bool TryParseGateway(string topic, out string clientId)
        {
            return TopicText.TryCutPrefix(topic, GatewayRoot, out clientId);
        }
    }
}
