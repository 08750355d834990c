using System.Device.Adc;
using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Takes what a board says is connected to it, and gives it to the device loop.</summary>
    internal sealed class BoardParts
    {
        private readonly DeviceLoop _loop;
        private readonly AdcController _converter = new AdcController();
        private readonly ISettings _settings;
        private readonly Chip _chip;

        internal BoardParts(DeviceLoop loop, GpioController pins, ISettings settings, Chip chip)
        {
            _loop = loop;
            _settings = settings;
            _chip = chip;
            Pins = pins;
        }

        /// <summary>The chip's pins.</summary>
        internal GpioController Pins { get; }

        /// <summary>A pin whose voltage is measured.</summary>
        internal AnalogPin Analog(BoardPin pin)
        {
            return new AnalogPin(_converter, _chip.AnalogChannelOf(pin.Gpio));
        }

        /// <summary>The I2C address of a sensor: as the settings say, or the usual one.</summary>
        internal int Address(string sensor, int usual)
        {
            return NumberOf(SettingName.AddressPrefix, sensor, usual);
        }

        /// <summary>A sensor, read every so many milliseconds if the settings say nothing else; a reading is kept until the gateway has it, over a restart too.</summary>
        internal void Sensor(string stream, ISensor sensor, int periodMs)
        {
            _loop.Add(new TelemetryStream(stream, sensor, NumberOf(SettingName.EveryPrefix, stream, periodMs), TelemetryClass.Stored));
        }

        /// <summary>A button or contact to ground.</summary>
        internal InputPin Contact(string name, string valueName, BoardPin pin)
        {
            EventSource events = new EventSource(name, valueName);
            _loop.Add(events);
            return new InputPin(Pins, pin.Gpio, events);
        }

        /// <summary>
        /// Something that is switched by the command <c>{name}.set</c>. It is off when the board starts, and says so: what it said before a restart is no longer true.
        /// </summary>
        internal void Switch(string name, BoardPin pin, bool isActiveLow)
        {
            EventSource changes = new EventSource(name, "on");
            _loop.Add(changes);
            string? activeLow = _settings.Read(string.Concat(SettingName.ActiveLowPrefix, name));
            _loop.Add(new SwitchCommand(new OutputPin(Pins, pin.Gpio, activeLow == null ? isActiveLow : activeLow == BoardSettings.Yes), changes));
            changes.Post(false);
        }

        // The board has checked them (Board.Configure).
        private int NumberOf(string prefix, string name, int usual)
        {
            string? text = _settings.Read(string.Concat(prefix, name));
            int number;
            return text != null && NumberText.TryParse(text, 0, int.MaxValue, out number) ? number : usual;
        }
    }
}
