namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Member names of a command envelope and of its answer.
    /// <code>{"id":"k7f3","cmd":"relay.set","args":{"on":true},"from":"GID_app@@@pi","exp":1795210817}
    /// {"id":"k7f3","st":"ok","code":0,"res":{"on":true}}</code>
    /// </summary>
    public static class CommandField
    {
        /// <summary>Both: chosen by the sender, a fresh one for each command; a string or a number, at most <see cref="WireLimits.CommandIdCharsMax"/> bytes.</summary>
        public const string Id = "id";

        /// <summary>Envelope: which command.</summary>
        public const string Command = "cmd";

        /// <summary>Envelope: a flat JSON object of arguments; may be missing.</summary>
        public const string Arguments = "args";

        /// <summary>Envelope: Client Identifier of the sender, to which the answer goes as a P2P message.</summary>
        public const string From = "from";

        /// <summary>Envelope: epoch seconds after which the command must not be carried out; may be missing.</summary>
        public const string Expiry = "exp";

        /// <summary>Envelope: seconds for which the command is good, from its sending; may be missing. Whichever of the two ends first counts.</summary>
        public const string TimeToLive = "ttl";

        /// <summary>Answer: one of <see cref="CommandStatus"/>.</summary>
        public const string Status = "st";

        /// <summary>Answer: 0, or the number of an error; see <see cref="CommandErrorCode"/>.</summary>
        public const string Code = "code";

        /// <summary>Answer: what went wrong, in words for people; missing if nothing did.</summary>
        public const string Reason = "why";

        /// <summary>Answer: a flat JSON object of results; may be missing.</summary>
        public const string Result = "res";
    }
}
