namespace DeviceMqtt.Device
{
    /// <summary>What the adapters of a board are told: where the gateway is and how to get there.</summary>
    public sealed class BoardSettings
    {
        /// <summary>A setting that is switched on.</summary>
        public const string Yes = "true";

        /// <summary>A setting that is switched off.</summary>
        public const string No = "false";

        // Registered ports of MQTT (IANA).
        private const int PlainPort = 1883;
        private const int TlsPort = 8883;
        private const int SleepSecondsMin = 10;
        private const int SleepSecondsMax = 86_400;
        private const string DefaultTimeServer = "pool.ntp.org";

        /// <summary>Which board it is.</summary>
        public string Board { get; private set; } = "";

        /// <summary>Host name or address of the gateway.</summary>
        public string Host { get; private set; } = "";

        /// <summary>Port of the gateway.</summary>
        public int Port { get; private set; }

        /// <summary>Whether the connection is encrypted.</summary>
        public bool IsTls { get; private set; }

        /// <summary>Wi-Fi network; empty for the one that is stored on the board.</summary>
        public string Ssid { get; private set; } = "";

        /// <summary>Password of the Wi-Fi network.</summary>
        public string WifiPassword { get; private set; } = "";

        /// <summary>Time server; empty for none.</summary>
        public string TimeServer { get; private set; } = "";

        /// <summary>Seconds of sleep between two readings; 0 for the board's own figure.</summary>
        public int SleepSeconds { get; private set; }

        /// <summary>What the serial line says from the beginning.</summary>
        public LogLevel LogLevel { get; private set; } = LogLevel.Info;

        /// <summary>Takes the settings. Returns an empty string, or the name of the first that is missing or out of range.</summary>
        public string Load(ISettings settings)
        {
            Board = settings.Read(SettingName.Board) ?? "";
            Host = settings.Read(SettingName.Host) ?? "";
            Ssid = settings.Read(SettingName.Ssid) ?? "";
            WifiPassword = settings.Read(SettingName.WifiPassword) ?? "";
            TimeServer = settings.Read(SettingName.TimeServer) ?? DefaultTimeServer;
            if (Board.Length == 0)
            {
                return SettingName.Board;
            }

            if (Host.Length == 0)
            {
                return SettingName.Host;
            }

            string tls = settings.Read(SettingName.Tls) ?? No;
            IsTls = tls == Yes;
            if (!IsTls && tls != No)
            {
                return SettingName.Tls;
            }

            int port;
            if (!TryGetNumber(settings, SettingName.Port, IsTls ? TlsPort : PlainPort, 1, 65535, out port))
            {
                return SettingName.Port;
            }

            int sleep;
            if (!TryGetNumber(settings, SettingName.SleepSeconds, 0, SleepSecondsMin, SleepSecondsMax, out sleep))
            {
                return SettingName.SleepSeconds;
            }

            LogLevel level;
            if (!TryReadLogLevel(settings, out level))
            {
                return SettingName.LogLevel;
            }

            LogLevel = level;
            Port = port;
            SleepSeconds = sleep;
            return "";
        }

        /// <summary>What the settings say of the serial line; info if nothing. False if it is no level.</summary>
        public static bool TryReadLogLevel(ISettings settings, out LogLevel level)
        {
            return LevelLog.TryGetLevel(settings.Read(SettingName.LogLevel) ?? LevelLog.WordOf(LogLevel.Info), out level);
        }

        private static bool TryGetNumber(ISettings settings, string name, int fallback, int min, int max, out int value)
        {
            string? text = settings.Read(name);
            value = fallback;
            return text == null || (int.TryParse(text, out value) && value >= min && value <= max);
        }
    }
}
