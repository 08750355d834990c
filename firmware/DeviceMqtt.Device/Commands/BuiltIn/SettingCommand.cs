using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// <c>setting.set</c> with <c>{"name":"address.bme280","value":"0x77"}</c>: changes a setting of the board's parts. It is tried first: with a value that
    /// the board could not start with, or for a part that it does not have, nothing changes. An empty value takes a change back. In force at the next start.
    /// </summary>
    public sealed class SettingCommand : ICommandHandler
    {
        private const string NameField = "name";
        private const string ValueField = "value";

        private readonly ISettings _settings;
        private readonly ISettingStore _store;
        private readonly ISettingsTrial _trial;

        /// <param name="settings">What is in force.</param>
        /// <param name="store">Where the change is kept.</param>
        /// <param name="trial">Knows what the board can start with.</param>
        public SettingCommand(ISettings settings, ISettingStore store, ISettingsTrial trial)
        {
            _settings = settings;
            _store = store;
            _trial = trial;
        }

        /// <inheritdoc/>
        public string Command => "setting.set";

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Configure;

        /// <inheritdoc/>
        public string Arguments => "name:s1..32 value:s0..32";

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            string name;
            string value;
            if (!arguments.TryGetText(NameField, WireLimits.CommandNameCharsMax, out name)
                || !arguments.TryGetText(ValueField, ChangedSettings.ValueBytesMax, out value)
                || !ChangedSettings.IsChangeable(name)
                || (value.Length > 0 && !_trial.Knows(name))
                || _trial.Fault(new OneChange(_settings, name, value)).Length > 0)
            {
                return (int)CommandErrorCode.BadArguments;
            }

            if (!_store.TryStore(name, value))
            {
                return (int)CommandErrorCode.FlashFailed;
            }

            result.Add("restart", true);
            return (int)CommandErrorCode.None;
        }

        /// <summary>The settings as they would be.</summary>
        private sealed class OneChange : ISettings
        {
            private readonly ISettings _settings;
            private readonly string _name;
            private readonly string _value;

            internal OneChange(ISettings settings, string name, string value)
            {
                _settings = settings;
                _name = name;
                _value = value;
            }

            public string? Read(string name)
            {
                return name != _name ? _settings.Read(name) : _value.Length > 0 ? _value : null;
            }
        }
    }
}
