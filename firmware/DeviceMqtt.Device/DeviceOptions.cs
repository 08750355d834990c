using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>Who a device is and how it behaves. Set before the loop is made, then left alone.</summary>
    public sealed class DeviceOptions
    {
        /// <summary>Client Identifier.</summary>
        public string ClientId { get; set; } = "";

        /// <summary>Device level of the topics: the part of the Client Identifier behind <c>@@@</c>, or all of it.</summary>
        public string DeviceName { get; set; } = "";

        /// <summary>First level of the topics.</summary>
        public string Prefix { get; set; } = DeviceTopic.DefaultPrefix;

        /// <summary>User name, or null for none.</summary>
        public string? UserName { get; set; }

        /// <summary>Password, or null for none.</summary>
        public string? Password { get; set; }

        /// <summary>Firmware version, for the birth message.</summary>
        public string Firmware { get; set; } = "0.0.0";

        /// <summary>Board name, for the birth message.</summary>
        public string Board { get; set; } = "unknown";

        /// <summary>Why the board started, for the birth message; the words are those of <see cref="BirthField.ResetCause"/>.</summary>
        public string ResetCause { get; set; } = "unknown";

        /// <summary>Number of this boot: differs from the numbers of the boots before it.</summary>
        public long BootId { get; set; }

        /// <summary>Keep Alive in seconds. 25: a dead gateway is noticed within a minute, and most routers keep the mapping that long.</summary>
        public int KeepAliveSeconds { get; set; } = 25;

        /// <summary>Bytes of memory for telemetry that waits for the gateway. 4096: about 65 readings or 95 events; readings of class Stored are in flash.</summary>
        public int OutboxBytes { get; set; } = 4096;

        /// <summary>The same on a board, whose readings are in flash: 35 events.</summary>
        public const int BoardOutboxBytes = 1536;

        /// <summary>What the log hears from the beginning.</summary>
        public LogLevel LogLevel { get; set; } = LogLevel.Debug;

        /// <summary>Pause before the second connection attempt, in milliseconds; it doubles with each failure, and half of it is random.</summary>
        public int BackoffFirstMs { get; set; } = 1_000;

        /// <summary>Longest pause between two connection attempts, in milliseconds.</summary>
        public int BackoffMaxMs { get; set; } = 60_000;

        /// <summary>How long a connection must have lasted for the pauses to begin anew, in milliseconds.</summary>
        public int StableMs { get; set; } = 30_000;

        /// <summary>Seed of the random part of the pauses; different on each board, so that a site does not reconnect all at once.</summary>
        public int Seed { get; set; } = 1;

        /// <summary>
        /// Takes what was provisioned. Returns an empty string, or the name of the first setting that is missing or out of range; then nothing
        /// of the result is to be used.
        /// </summary>
        public string Load(ISettings settings)
        {
            ClientId = settings.Read(SettingName.ClientId) ?? "";
            DeviceName = settings.Read(SettingName.DeviceName) ?? NameOf(ClientId);
            Prefix = settings.Read(SettingName.Prefix) ?? DeviceTopic.DefaultPrefix;
            UserName = settings.Read(SettingName.UserName);
            Password = settings.Read(SettingName.Password);

            int number;
            if (!TryGetInt32(settings, SettingName.KeepAliveSeconds, KeepAliveSeconds, out number))
            {
                return SettingName.KeepAliveSeconds;
            }

            KeepAliveSeconds = number;
            if (!TryGetInt32(settings, SettingName.OutboxBytes, OutboxBytes, out number))
            {
                return SettingName.OutboxBytes;
            }

            OutboxBytes = number;
            return Check();
        }

        /// <summary>An empty string, or the name of the first setting that is missing or out of range.</summary>
        public string Check()
        {
            if (!Wire.ClientId.IsAddressable(ClientId) || P2PTopic.Build(Prefix, ClientId).Length > WireLimits.TopicCharsMax)
            {
                return SettingName.ClientId;
            }

            // The gateway lets a board publish under the device part of its Client Identifier only. It acknowledges what is elsewhere, and drops it.
            if (!DeviceTopic.IsName(DeviceName) || DeviceName != NameOf(ClientId))
            {
                return SettingName.DeviceName;
            }

            if (!DeviceTopic.IsName(Prefix))
            {
                return SettingName.Prefix;
            }

            if (KeepAliveSeconds < 5 || KeepAliveSeconds > 600)
            {
                return SettingName.KeepAliveSeconds;
            }

            return OutboxBytes < 1024 || OutboxBytes > 65536 ? SettingName.OutboxBytes : "";
        }

        private static string NameOf(string clientId)
        {
            string device;
            return Wire.ClientId.TrySplitGroup(clientId, out _, out device) ? device : clientId;
        }

        private static bool TryGetInt32(ISettings settings, string name, int fallback, out int value)
        {
            string? text = settings.Read(name);
            value = fallback;
            return text == null || int.TryParse(text, out value);
        }
    }
}
