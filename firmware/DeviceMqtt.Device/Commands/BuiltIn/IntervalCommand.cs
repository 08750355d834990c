using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary><c>interval.set</c> with <c>{"stream":"climate","every":30}</c>: how often a stream is read, in seconds; kept over a restart where there is flash.</summary>
    internal sealed class IntervalCommand : ICommandHandler
    {
        private const string StreamField = "stream";
        private const string EveryField = "every";

        private readonly DeviceLoop _loop;
        private readonly ISettingStore? _store;

        internal IntervalCommand(DeviceLoop loop, ISettingStore? store)
        {
            _loop = loop;
            _store = store;
        }

        /// <inheritdoc/>
        public string Command => "interval.set";

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Configure;

        /// <inheritdoc/>
        public string Arguments
        {
            get
            {
                string names = "";
                for (int i = 0; i < _loop.Parts.StreamCount; i++)
                {
                    names = string.Concat(names, i > 0 ? "|" : "", _loop.Parts.Streams[i].Name);
                }

                string kind = names.Length > 0 ? string.Concat("e(", names, ")") : "s1..32";
                return string.Concat("stream:", kind, " every:n0.5..86400[s]");
            }
        }

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            string name;
            double seconds;
            TelemetryStream? stream = arguments.TryGetText(StreamField, WireLimits.CommandNameCharsMax, out name) ? _loop.Parts.FindStream(name) : null;
            if (stream == null || !arguments.TryGetNumber(EveryField, Interval.SecondsMin, Interval.SecondsMax, out seconds))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            int periodMs = Interval.ToMs(seconds);
            if (_store != null && !_store.TryStore(string.Concat(SettingName.EveryPrefix, name), periodMs.ToString()))
            {
                return (int)CommandErrorCode.FlashFailed;
            }

            stream.PeriodMs = periodMs;
            result.Add(EveryField, periodMs / 1000.0, 3);
            return (int)CommandErrorCode.None;
        }
    }
}
