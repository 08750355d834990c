namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Member names of a command envelope and of its answer.
    /// <code>{"id":"k7f3","cmd":"relay.set","args":{"on":true},"from":"GID_app@@@pi","exp":1795210817}
    /// {"id":"k7f3","st":"ok","code":0,"res":{"on":true}}</code>
    /// </summary>
    public static class CommandField
    {
        /// <summary>Both: chosen by the sender, one per command, at most <see cref="WireLimits.CommandIdCharsMax"/> characters.</summary>
        public const string Id = "id";

        /// <summary>Envelope: which command.</summary>
        public const string Command = "cmd";

        /// <summary>Envelope: a flat JSON object of arguments; may be missing.</summary>
        public const string Arguments = "args";

        /// <summary>Envelope: Client Identifier of the sender, to which the answer goes as a P2P message.</summary>
        public const string From = "from";

        /// <summary>Envelope: epoch seconds after which the command must not be carried out; may be missing.</summary>
        public const string Expiry = "exp";

        /// <summary>Answer: one of <see cref="CommandStatus"/>.</summary>
        public const string Status = "st";

        /// <summary>Answer: 0, or the number of an error; see <see cref="CommandErrorCode"/>.</summary>
        public const string Code = "code";

        /// <summary>Answer: a flat JSON object of results; may be missing.</summary>
        public const string Result = "res";
    }
}
