namespace DeviceMqtt.Device
{
    /// <summary>Names of the settings that <see cref="DeviceOptions.Load"/> reads.</summary>
    public static class SettingName
    {
        /// <summary>Client Identifier; needed.</summary>
        public const string ClientId = "clientId";

        /// <summary>Device level of the topics; the part of the Client Identifier behind <c>@@@</c>, or all of it, if not given.</summary>
        public const string DeviceName = "device";

        /// <summary>First level of the topics; <c>dm</c> if not given.</summary>
        public const string Prefix = "prefix";

        /// <summary>User name; none if not given.</summary>
        public const string UserName = "user";

        /// <summary>Password; none if not given.</summary>
        public const string Password = "password";

        /// <summary>Keep Alive in seconds, 5 to 600; 25 if not given.</summary>
        public const string KeepAliveSeconds = "keepAliveSeconds";

        /// <summary>Bytes of memory for telemetry that waits for the gateway, 1024 to 65536; 8192 if not given.</summary>
        public const string OutboxBytes = "outboxBytes";
    }
}
