namespace DeviceMqtt.Wire
{
    /// <summary>
    /// What the gateway tells the sender of a P2P message, on <see cref="ReceiptTopic"/>.
    /// <code>{"st":"expired","to":"GID_a@@@kitchen","id":"k7f3"}   id: if the payload was a command envelope
    /// {"st":"dropped","to":"GID_a@@@nobody","why":"unknown"}   why: with dropped
    /// {"st":"relayed","to":"GID_a@@@far","id":"k7f4","upstream":"hq"}   upstream: its target is not known here, and it goes there
    /// {"st":"delivered","to":"GID_a@@@kitchen","id":"k7f5","gateway":"gw-hall-1"}   gateway: who tells it, where it goes to a sender upstream</code>
    /// </summary>
    public static class Receipt
    {
        /// <summary>Waits in the mailbox, or for an upstream.</summary>
        public const string Queued = "queued";

        /// <summary>The target acknowledged it (QoS 1, 2) or it was sent (QoS 0).</summary>
        public const string Delivered = "delivered";

        /// <summary>The answer of the target, to a command, went through this gateway.</summary>
        public const string Answered = "answered";

        /// <summary>Its time was over before the target came, or, with <c>"why":"unanswered"</c>, before it answered.</summary>
        public const string Expired = "expired";

        /// <summary>Will never be delivered.</summary>
        public const string Dropped = "dropped";

        /// <summary>An upstream has acknowledged it (QoS 1) or it was sent there (QoS 0): what becomes of it there is not known here.</summary>
        public const string Relayed = "relayed";

        /// <summary>Member name of one of the six above.</summary>
        public const string StatusField = "st";

        /// <summary>Member name of the target's Client Identifier.</summary>
        public const string ToField = "to";

        /// <summary>Member name of the command's id.</summary>
        public const string IdField = "id";

        /// <summary>Member name of the reason for <see cref="Dropped"/> and, rarely, <see cref="Expired"/>.</summary>
        public const string ReasonField = "why";

        /// <summary>Member name of the upstream's name, where the message goes to one.</summary>
        public const string UpstreamField = "upstream";

        /// <summary>Member name of the gateway that tells it, where it goes upstream.</summary>
        public const string GatewayField = "gateway";

        /// <summary>Why it has expired, when it was delivered and not answered in time.</summary>
        public const string Unanswered = "unanswered";

        /// <summary>Writes a receipt.</summary>
        /// <param name="writer">Begun and ended here.</param>
        /// <param name="status">One of the six.</param>
        /// <param name="to">Client Identifier of the target.</param>
        /// <param name="id">The command's id, or empty.</param>
        /// <param name="reason">Why it was dropped, one word, or empty.</param>
        /// <param name="upstream">The name of the upstream that it goes to, or empty.</param>
        /// <param name="gateway">What the gateway that tells it is called upstream, or empty.</param>
        /// <returns>False if it does not fit into the writer.</returns>
        public static bool Write(FlatJsonWriter writer, string status, string to, string id, string reason, string upstream, string gateway = "")
        {
            writer.Begin();
            writer.Add(StatusField, status);
            writer.Add(ToField, to);
            if (id.Length > 0)
            {
                writer.Add(IdField, id);
            }

            if (reason.Length > 0)
            {
                writer.Add(ReasonField, reason);
            }

            if (upstream.Length > 0)
            {
                writer.Add(UpstreamField, upstream);
            }

            if (gateway.Length > 0)
            {
                writer.Add(GatewayField, gateway);
            }

            return writer.End();
        }
    }
}
