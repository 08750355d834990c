namespace DeviceMqtt.Wire
{
    /// <summary>
    /// <c>{parent}/p2p/{clientId}</c>: <c>p2p</c> is literally the second level, the third level is the Client Identifier of the one
    /// addressee, and nothing stands behind it. Any other topic name is an ordinary one.
    /// </summary>
    public static class P2PTopic
    {
        /// <summary>The second level.</summary>
        public const string Level = "p2p";

        private const string Between = "/p2p/";

        /// <summary>The topic name of a P2P message to one client.</summary>
        /// <param name="parent">First level: one level, so without <c>/</c>.</param>
        /// <param name="clientId">An id for which <see cref="ClientId.IsAddressable"/> is true.</param>
        public static string Build(string parent, string clientId)
        {
            return string.Concat(parent, Between, clientId);
        }

        /// <summary>Takes a topic name apart. Both parts are empty strings when the result is false.</summary>
        public static bool TryParse(string topic, out string parent, out string clientId)
        {
            parent = "";
            clientId = "";
            if (topic == null)
            {
                return false;
            }

            int firstSlash = topic.IndexOf('/');
            int target = firstSlash + Between.Length;
            // Fewer characters than "/p2p/x" behind the parent, another second level, or a fourth level: not P2P.
            if (firstSlash < 0 || target >= topic.Length || !TopicText.StandsAt(topic, firstSlash, Between) || topic.IndexOf('/', target) >= 0)
            {
                return false;
            }

            parent = topic.Substring(0, firstSlash);
            clientId = topic.Substring(target);
            return true;
        }
    }
}
