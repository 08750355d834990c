namespace DeviceMqtt.Device
{
    /// <summary>Names of the files in a board's flash; firmware/docs/settings.md says who writes them.</summary>
    public static class FlashFileName
    {
        /// <summary>What the board was told when it was provisioned.</summary>
        public const string Settings = "settings.json";

        /// <summary>The last settings that a session with the gateway began with.</summary>
        public const string LastGoodSettings = "settings.good";

        /// <summary>Certificate of the authority that signs the gateway's, in PEM.</summary>
        public const string CaCertificate = "ca.pem";

        /// <summary>Number of the last boot.</summary>
        public const string BootCount = "boots";

        /// <summary>Readings that wait for the gateway over a restart (firmware/docs/outbox.md).</summary>
        public const string Outbox = "outbox";

        /// <summary>The last commands that acted or configured (firmware/docs/outbox.md).</summary>
        public const string Commands = "commands";

        /// <summary>Settings that were changed by command.</summary>
        public const string Changes = "changes.json";

        /// <summary>The last changes that a session with the gateway began with.</summary>
        public const string LastGoodChanges = "changes.good";

        /// <summary>Which Wi-Fi settings were applied last.</summary>
        public const string WifiMark = "wifi";

        /// <summary>Why the board restarted itself, for the boot that follows.</summary>
        public const string ResetMark = "reset";
    }
}
