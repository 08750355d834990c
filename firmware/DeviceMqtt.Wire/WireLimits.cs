namespace DeviceMqtt.Wire
{
    /// <summary>The bounds both sides keep. Boards reserve their buffers from these figures at start.</summary>
    public static class WireLimits
    {
        /// <summary>Characters of a whole topic name. The shortest limit of the upstreams we speak to (Alibaba Cloud: 64).</summary>
        public const int TopicCharsMax = 64;

        /// <summary>Bytes of a command envelope or an answer. Chosen, because a board keeps one receive and one answer buffer of this size.</summary>
        public const int CommandBytesMax = 1024;

        /// <summary>Characters of a command's id. Chosen, because a GUID without braces (36) must fit.</summary>
        public const int CommandIdCharsMax = 40;

        /// <summary>Characters of a command's name, like <c>relay.set</c>. Chosen, because longer names would crowd a 1 KB birth.</summary>
        public const int CommandNameCharsMax = 32;

        /// <summary>Command ids a device remembers, to know a duplicate when it sees one.</summary>
        public const int CommandIdsRemembered = 32;

        /// <summary>How deep objects and arrays may nest inside a payload. Chosen, because our deepest payload (birth) needs three.</summary>
        public const int JsonDepthMax = 8;

        /// <summary>Bytes of a JSON member name. Chosen, because ours have at most 16.</summary>
        public const int JsonNameBytesMax = 64;
    }
}
