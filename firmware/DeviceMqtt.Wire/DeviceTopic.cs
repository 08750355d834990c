namespace DeviceMqtt.Wire
{
    /// <summary>
    /// <c>{prefix}/{device}/info</c>, <c>{prefix}/{device}/tele/{stream}</c> and <c>{prefix}/{device}/evt/{name}</c>. The prefix is one
    /// level (default <see cref="DefaultPrefix"/>); so are device, stream and name.
    /// </summary>
    public sealed class DeviceTopic
    {
        /// <summary>The prefix of a board that was told no other.</summary>
        public const string DefaultPrefix = "dm";

        private const string InfoEnd = "/info";
        private const string TelemetryLevel = "/tele/";
        private const string EventLevel = "/evt/";

        private DeviceTopic(string prefix, string device, DeviceTopicKind kind, string name)
        {
            Prefix = prefix;
            Device = device;
            Kind = kind;
            Name = name;
        }

        /// <summary>First level.</summary>
        public string Prefix { get; }

        /// <summary>Second level: the device's name, which need not be its Client Identifier.</summary>
        public string Device { get; }

        /// <summary>Third level.</summary>
        public DeviceTopicKind Kind { get; }

        /// <summary>Fourth level: stream or event name; empty for <see cref="DeviceTopicKind.Info"/>.</summary>
        public string Name { get; }

        /// <summary>The topic name of a device's birth message.</summary>
        public static string BuildInfo(string prefix, string device)
        {
            return string.Concat(prefix, "/", device, InfoEnd);
        }

        /// <summary>The topic name of one telemetry stream.</summary>
        public static string BuildTelemetry(string prefix, string device, string stream)
        {
            return string.Concat(string.Concat(prefix, "/", device), TelemetryLevel, stream);
        }

        /// <summary>The topic name of one kind of event.</summary>
        public static string BuildEvent(string prefix, string device, string name)
        {
            return string.Concat(string.Concat(prefix, "/", device), EventLevel, name);
        }

        /// <summary>Whether a device is called this in its topics: by its Client Identifier, or by the part of it behind the group.</summary>
        /// <param name="clientId">Client Identifier of the device.</param>
        /// <param name="device">Second level of a topic.</param>
        public static bool IsOf(string clientId, string device)
        {
            return clientId == device || (ClientId.TrySplitGroup(clientId, out _, out string inGroup) && inGroup == device);
        }

        /// <summary>Takes a topic name apart; null if it is none of the three.</summary>
        public static DeviceTopic? Parse(string topic)
        {
            if (topic == null)
            {
                return null;
            }

            int deviceStart = topic.IndexOf('/') + 1;
            // The prefix may be empty for IndexOf, never for us: "/x/info" is nobody's topic.
            int deviceEnd = deviceStart > 1 ? topic.IndexOf('/', deviceStart) : -1;
            if (deviceEnd <= deviceStart)
            {
                return null;
            }

            string prefix = topic.Substring(0, deviceStart - 1);
            string device = topic.Substring(deviceStart, deviceEnd - deviceStart);
            string rest = topic.Substring(deviceEnd);
            string name;
            if (rest == InfoEnd)
            {
                return new DeviceTopic(prefix, device, DeviceTopicKind.Info, "");
            }

            if (TopicText.TryCutPrefix(rest, TelemetryLevel, out name) && TopicText.IsLevel(name))
            {
                return new DeviceTopic(prefix, device, DeviceTopicKind.Telemetry, name);
            }

            if (TopicText.TryCutPrefix(rest, EventLevel, out name) && TopicText.IsLevel(name))
            {
                return new DeviceTopic(prefix, device, DeviceTopicKind.Event, name);
            }

            return null;
        }

        /// <summary>True if the text can be a prefix, device, stream or event name: one level, and no <c>$</c> in front.</summary>
        public static bool IsName(string text)
        {
            return TopicText.IsLevel(text) && text[0] != '$';
        }
    }
}
