namespace DeviceMqtt.Wire
{
    /// <summary>The bounds both sides keep. Boards reserve their buffers from these figures at start.</summary>
    public static class WireLimits
    {
        /// <summary>Characters of a whole topic name. The shortest limit of the upstreams we speak to (Alibaba Cloud: 64).</summary>
        public const int TopicCharsMax = 64;

        /// <summary>Bytes of a command envelope or an answer. Chosen, because a board keeps one receive and one answer buffer of this size.</summary>
        public const int CommandBytesMax = 1024;

        /// <summary>Bytes of a command's id. Chosen, because a GUID without braces (36) must fit.</summary>
        public const int CommandIdCharsMax = 40;

        /// <summary>Characters of a command's name, like <c>relay.set</c>. Chosen, because longer names would crowd a 1 KB birth.</summary>
        public const int CommandNameCharsMax = 32;

        /// <summary>Ids of commands that act or configure, which a device remembers to know a duplicate when it sees one.</summary>
        public const int CommandIdsRemembered = 32;

        /// <summary>Seconds for which a command is good that says nothing itself. Chosen: who switches a relay wants it now or not at all.</summary>
        public const int CommandTtlSeconds = 60;

        /// <summary>The same for a command that configures. Chosen: a board that wakes once a day gets it at the next two or three wakings.</summary>
        public const int ConfigureTtlSeconds = 604_800;

        /// <summary>Bytes of the id that a wrong command has, so that it is still repeated in the answer. Chosen: far beyond any id, far below an answer.</summary>
        public const int CommandIdEchoBytesMax = 256;

        /// <summary>Characters of one item of the birth's <c>cmd</c>. Chosen: nine arguments of the longest kind we have.</summary>
        public const int CommandFormCharsMax = 256;

        /// <summary>Arguments of one command, and choices of one argument, that a reader of the birth takes.</summary>
        public const int CommandArgumentsMax = 8;

        /// <summary>How deep objects and arrays may nest inside a payload. Chosen, because our deepest payload (birth) needs three.</summary>
        public const int JsonDepthMax = 8;

        /// <summary>Bytes of a JSON member name. Chosen, because ours have at most 16.</summary>
        public const int JsonNameBytesMax = 64;
    }
}
