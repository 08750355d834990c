namespace DeviceMqtt.Device
{
    /// <summary>
    /// Names of the settings of a board, members of one flat JSON object in its flash (firmware/docs/settings.md). The first seven are read by
    /// <see cref="DeviceOptions.Load"/>, the others by the board's adapters.
    /// </summary>
    public static class SettingName
    {
        /// <summary>Client Identifier; needed.</summary>
        public const string ClientId = "clientId";

        /// <summary>Device level of the topics: the part of the Client Identifier behind <c>@@@</c>, or all of it. Another is refused.</summary>
        public const string DeviceName = "device";

        /// <summary>First level of the topics; <c>dm</c> if not given.</summary>
        public const string Prefix = "prefix";

        /// <summary>User name; none if not given.</summary>
        public const string UserName = "user";

        /// <summary>Password; none if not given.</summary>
        public const string Password = "password";

        /// <summary>Keep Alive in seconds, 5 to 600; 25 if not given.</summary>
        public const string KeepAliveSeconds = "keepAliveSeconds";

        /// <summary>Bytes of memory for telemetry that waits for the gateway, 1024 to 65536; 1536 if not given.</summary>
        public const string OutboxBytes = "outboxBytes";

        /// <summary>Which board it is, as in hardware/boards; needed.</summary>
        public const string Board = "board";

        /// <summary>Host name or address of the gateway; needed.</summary>
        public const string Host = "host";

        /// <summary>Port of the gateway, 1 to 65535; 1883, or 8883 with TLS, if not given.</summary>
        public const string Port = "port";

        /// <summary><c>true</c> for TLS with the CA certificate in flash; <c>false</c> if not given.</summary>
        public const string Tls = "tls";

        /// <summary>Name of the Wi-Fi network; the one that was stored on the board with nanoff if not given.</summary>
        public const string Ssid = "ssid";

        /// <summary>Password of the Wi-Fi network; none if not given.</summary>
        public const string WifiPassword = "wifiPassword";

        /// <summary>Time server; <c>pool.ntp.org</c> if not given, empty for none.</summary>
        public const string TimeServer = "timeServer";

        /// <summary>What the serial line says: <c>off</c>, <c>error</c>, <c>info</c> or <c>debug</c>; <c>info</c> if not given.</summary>
        public const string LogLevel = "logLevel";

        /// <summary>With the name of a stream behind it: milliseconds from one reading to the next, 500 to 86400000; the board's own figure if not given.</summary>
        public const string EveryPrefix = "everyMs.";

        /// <summary>With the name of a pin's use behind it: its GPIO number; the board's own if not given.</summary>
        public const string PinPrefix = "pin.";

        /// <summary>With the name of a sensor behind it: its I2C address, as a number or like <c>0x77</c>; the part's usual one if not given.</summary>
        public const string AddressPrefix = "address.";

        /// <summary>With the name of an output behind it: <c>true</c> if what is connected is on when the pin is low; the board's own if not given.</summary>
        public const string ActiveLowPrefix = "activeLow.";

        /// <summary>Seconds between two readings of a board that sleeps in between, 10 to 86400; the board's own figure if not given.</summary>
        public const string SleepSeconds = "sleepSeconds";
    }
}
