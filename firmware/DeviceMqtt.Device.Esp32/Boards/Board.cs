namespace DeviceMqtt.Device.Esp32
{
    /// <summary>A board is data: its pins, and what is connected to them. Settings may say other pins, addresses and intervals.</summary>
    internal abstract class Board : ISettingsTrial
    {
        // Addresses 0 to 7 and 0x78 to 0x7F are reserved (I2C-bus specification, table 4).
        private const int AddressMin = 0x08;
        private const int AddressMax = 0x77;

        /// <summary>Name of its folder in hardware/boards, and the setting that chooses it.</summary>
        internal abstract string Name { get; }

        /// <summary>Its chip.</summary>
        internal virtual Chip Chip => Chip.Esp32;

        /// <summary>Every pin that is used.</summary>
        internal abstract BoardPin[] Pins { get; }

        /// <summary>Names of its streams.</summary>
        internal abstract string[] Streams { get; }

        /// <summary>Names of its sensors that have an I2C address.</summary>
        internal virtual string[] Addressed => new string[0];

        /// <summary>Names of its outputs that are switched.</summary>
        internal virtual string[] Switched => new string[0];

        /// <summary>The lamp.</summary>
        internal abstract BoardPin Lamp { get; }

        /// <summary>Whether the lamp is lit when its pin is low.</summary>
        internal virtual bool IsLampActiveLow => false;

        /// <summary>Input of a watchdog chip, if there is one.</summary>
        internal virtual BoardPin? Watchdog => null;

        /// <summary>Seconds of sleep between two readings; 0 for a board that stays awake.</summary>
        internal virtual int SleepSeconds => 0;

        /// <summary>Says what is connected.</summary>
        internal abstract void Fit(BoardParts parts);

        /// <summary>Takes what the settings say of its parts. Empty, or the name of the first setting that the board cannot start with.</summary>
        internal string Configure(ISettings settings)
        {
            BoardPin[] pins = Pins;
            for (int i = 0; i < pins.Length; i++)
            {
                if (!pins[i].TryMove(settings, Chip))
                {
                    return string.Concat(SettingName.PinPrefix, pins[i].Key);
                }
            }

            for (int i = 0; i < pins.Length; i++)
            {
                if (!IsAlone(pins, i))
                {
                    return string.Concat(SettingName.PinPrefix, pins[i].Key);
                }
            }

            string wrong = FirstWrong(settings, SettingName.EveryPrefix, Streams, (int)(Interval.SecondsMin * 1000), (int)(Interval.SecondsMax * 1000));
            wrong = wrong.Length > 0 ? wrong : FirstWrong(settings, SettingName.AddressPrefix, Addressed, AddressMin, AddressMax);
            return wrong.Length > 0 ? wrong : FirstWrongFlag(settings);
        }

        /// <inheritdoc/>
        public bool Knows(string name)
        {
            return name == SettingName.LogLevel
                || HasPin(name)
                || IsOneOf(name, SettingName.EveryPrefix, Streams)
                || IsOneOf(name, SettingName.AddressPrefix, Addressed)
                || IsOneOf(name, SettingName.ActiveLowPrefix, Switched);
        }

        /// <inheritdoc/>
        public string Fault(ISettings settings)
        {
            // A board starts with any level, so it is looked at here and not when the board is configured.
            if (!BoardSettings.TryReadLogLevel(settings, out _))
            {
                return SettingName.LogLevel;
            }

            // On another of its kind: this one keeps its pins until it starts anew.
            Board? other = AllBoards.Find(Name);
            return other == null ? SettingName.Board : other.Configure(settings);
        }

        private static bool IsAlone(BoardPin[] pins, int at)
        {
            for (int i = 0; i < pins.Length; i++)
            {
                if (i != at && pins[i].Gpio == pins[at].Gpio)
                {
                    return false;
                }
            }

            return true;
        }

        private static bool IsOneOf(string name, string prefix, string[] names)
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (name == string.Concat(prefix, names[i]))
                {
                    return true;
                }
            }

            return false;
        }

        private bool HasPin(string name)
        {
            BoardPin[] pins = Pins;
            for (int i = 0; i < pins.Length; i++)
            {
                if (name == string.Concat(SettingName.PinPrefix, pins[i].Key))
                {
                    return true;
                }
            }

            return false;
        }

        private static string FirstWrong(ISettings settings, string prefix, string[] names, int min, int max)
        {
            for (int i = 0; i < names.Length; i++)
            {
                string name = string.Concat(prefix, names[i]);
                string? text = settings.Read(name);
                if (text != null && !NumberText.TryParse(text, min, max, out _))
                {
                    return name;
                }
            }

            return "";
        }

        private string FirstWrongFlag(ISettings settings)
        {
            string[] names = Switched;
            for (int i = 0; i < names.Length; i++)
            {
                string name = string.Concat(SettingName.ActiveLowPrefix, names[i]);
                string? text = settings.Read(name);
                if (text != null && text != BoardSettings.Yes && text != BoardSettings.No)
                {
                    return name;
                }
            }

            return "";
        }
    }
}
