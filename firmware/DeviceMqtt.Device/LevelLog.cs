namespace DeviceMqtt.Device
{
    /// <summary>Passes on what is important enough.</summary>
    internal sealed class LevelLog : IDeviceLog
    {
        private readonly IDeviceLog _log;

        internal LevelLog(IDeviceLog log, LogLevel level)
        {
            _log = log;
            Level = level;
        }

        internal LogLevel Level { get; set; }

        /// <inheritdoc/>
        public void Write(DeviceNote note, string subject, long number)
        {
            if (LevelOf(note) <= Level)
            {
                _log.Write(note, subject, number);
            }
        }

        /// <summary>The level of that name, as settings and commands say it.</summary>
        internal static bool TryGetLevel(string word, out LogLevel level)
        {
            for (level = LogLevel.Off; level <= LogLevel.Debug; level++)
            {
                if (WordOf(level) == word)
                {
                    return true;
                }
            }

            return false;
        }

        internal static string WordOf(LogLevel level)
        {
            switch (level)
            {
                case LogLevel.Off: return "off";
                case LogLevel.Error: return "error";
                case LogLevel.Info: return "info";
                default: return "debug";
            }
        }

        internal static LogLevel LevelOf(DeviceNote note)
        {
            switch (note)
            {
                case DeviceNote.ConnectFailed:
                case DeviceNote.LinkLost:
                case DeviceNote.SensorFailed:
                case DeviceNote.OutboxDropped:
                case DeviceNote.FlashFailed:
                case DeviceNote.CommandLost:
                    return LogLevel.Error;
                case DeviceNote.Measured:
                case DeviceNote.ReadingDropped:
                case DeviceNote.EventRaised:
                case DeviceNote.PresenceTold:
                case DeviceNote.CommandRepeated:
                case DeviceNote.MessageIgnored:
                case DeviceNote.OutboxStored:
                    return LogLevel.Debug;
                default:
                    return LogLevel.Info;
            }
        }
    }
}
