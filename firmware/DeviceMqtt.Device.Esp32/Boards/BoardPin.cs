namespace DeviceMqtt.Device.Esp32
{
    /// <summary>A pin of a board that something is connected to. The same names and numbers stand in hardware/boards/{name}/pins.json.</summary>
    internal sealed class BoardPin
    {
        /// <param name="key">Its name in the settings, behind <see cref="SettingName.PinPrefix"/>.</param>
        /// <param name="label">What is printed beside it.</param>
        /// <param name="gpio">GPIO number of the chip.</param>
        /// <param name="use">Part and pin it goes to.</param>
        /// <param name="role">What it must be able to do.</param>
        internal BoardPin(string key, string label, int gpio, string use, PinRole role)
        {
            Key = key;
            Label = label;
            Gpio = gpio;
            Use = use;
            Role = role;
        }

        internal string Key { get; }

        internal string Label { get; private set; }

        internal int Gpio { get; private set; }

        internal string Use { get; }

        internal PinRole Role { get; }

        /// <summary>Takes another pin if the settings say so. False if that pin cannot do it.</summary>
        internal bool TryMove(ISettings settings, Chip chip)
        {
            string? text = settings.Read(string.Concat(SettingName.PinPrefix, Key));
            int gpio;
            if (text == null)
            {
                return true;
            }

            if (!NumberText.TryParse(text, 0, chip.Last, out gpio) || !Can(chip, gpio))
            {
                return false;
            }

            Label = gpio == Gpio ? Label : string.Concat("IO", gpio.ToString());
            Gpio = gpio;
            return true;
        }

        private bool Can(Chip chip, int gpio)
        {
            // Its own was chosen by who made the board.
            if (gpio != Gpio && chip.DecidesTheStart(gpio))
            {
                return false;
            }

            switch (Role)
            {
                case PinRole.Input: return chip.IsUsable(gpio);
                case PinRole.Output: return chip.IsOutput(gpio);
                case PinRole.Analog: return chip.AnalogChannelOf(gpio) >= 0;
                default: return gpio == Gpio;
            }
        }
    }
}
