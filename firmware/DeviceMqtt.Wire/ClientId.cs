namespace DeviceMqtt.Wire
{
    /// <summary>Rules for Client Identifiers that go beyond MQTT's own, because an id is also a level of a topic name.</summary>
    public static class ClientId
    {
        private const string GroupPrefix = "GID_";
        private const string GroupSeparator = "@@@";

        /// <summary>
        /// True if a client may connect with this id: not empty, no <c>+</c>, no <c>#</c>, no control character, and not the word <c>p2p</c>.
        /// A <c>/</c> is allowed here; see <see cref="IsAddressable"/>.
        /// </summary>
        public static bool IsAllowed(string clientId)
        {
            if (string.IsNullOrEmpty(clientId) || clientId == P2PTopic.Level)
            {
                return false;
            }

            for (int i = 0; i < clientId.Length; i++)
            {
                char c = clientId[i];
                // U+0000..U+001F and U+007F..U+009F are the control characters that [MQTT-1.5.3] advises against.
                if (c == '+' || c == '#' || c < ' ' || (c >= '\u007f' && c <= '\u009f'))
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>True if a P2P topic can name this id: allowed, and a single topic level.</summary>
        public static bool IsAddressable(string clientId)
        {
            return IsAllowed(clientId) && clientId.IndexOf('/') < 0;
        }

        /// <summary>
        /// Splits an id of the form <c>GID_group@@@device</c>. The group keeps its <c>GID_</c>; the device is everything behind the first
        /// <c>@@@</c>. Both are non-empty when the result is true and both are empty strings when it is false.
        /// </summary>
        public static bool TrySplitGroup(string clientId, out string group, out string device)
        {
            group = "";
            device = "";
            if (clientId == null || !TopicText.StandsAt(clientId, 0, GroupPrefix))
            {
                return false;
            }

            int at = GroupPrefix.Length;
            while (at < clientId.Length && !TopicText.StandsAt(clientId, at, GroupSeparator))
            {
                at++;
            }

            if (at == GroupPrefix.Length || at + GroupSeparator.Length >= clientId.Length)
            {
                return false;
            }

            group = clientId.Substring(0, at);
            device = clientId.Substring(at + GroupSeparator.Length);
            return true;
        }
    }
}
