namespace DeviceMqtt.Wire
{
    /// <summary><c>$gw/receipt/{sender}</c>: what became of a P2P message, told by the gateway to the client that published it.</summary>
    public static class ReceiptTopic
    {
        private const string Root = "$gw/receipt/";

        /// <summary>Topic Filter of the receipts for all senders: what a gateway below subscribes to.</summary>
        public const string All = Root + "+";

        /// <summary>The topic name of the receipts for one sender.</summary>
        public static string Build(string sender)
        {
            return string.Concat(Root, sender);
        }

        /// <summary>The sender of a receipt topic. An empty string when the result is false.</summary>
        public static bool TryParse(string topic, out string sender)
        {
            return TopicText.TryCutPrefix(topic, Root, out sender);
        }
    }
}
