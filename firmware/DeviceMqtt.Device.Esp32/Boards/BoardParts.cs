using System.Device.Adc;
using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Takes what a board says is connected to it, and gives it to the device loop.</summary>
    internal sealed class BoardParts
    {
        private readonly DeviceLoop _loop;
        private readonly AdcController _converter = new AdcController();

        internal BoardParts(DeviceLoop loop, GpioController pins)
        {
            _loop = loop;
            Pins = pins;
        }

        /// <summary>The chip's pins.</summary>
        internal GpioController Pins { get; }

        /// <summary>A pin whose voltage is measured.</summary>
        /// <param name="channel">Channel of the first converter; the board's pin map says which pin that is.</param>
        internal AnalogPin Analog(int channel)
        {
            return new AnalogPin(_converter, channel);
        }

        /// <summary>A sensor, read every so many milliseconds; a reading is kept until the gateway has it, over a restart too.</summary>
        internal void Sensor(string stream, ISensor sensor, int periodMs)
        {
            _loop.Add(new TelemetryStream(stream, sensor, periodMs, TelemetryClass.Stored));
        }

        /// <summary>A button or contact to ground.</summary>
        internal InputPin Contact(string name, string valueName, BoardPin pin)
        {
            EventSource events = new EventSource(name, valueName);
            _loop.Add(events);
            return new InputPin(Pins, pin.Gpio, events);
        }

        /// <summary>Something that is switched by the command <c>{name}.set</c>.</summary>
        internal void Switch(string name, BoardPin pin, bool isActiveLow)
        {
            EventSource changes = new EventSource(name, "on");
            _loop.Add(changes);
            _loop.Add(new SwitchCommand(new OutputPin(Pins, pin.Gpio, isActiveLow), changes));
        }
    }
}
