using System;
using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// A pin that switches something: a relay, an LED. Off as soon as it is open. The runtime drives a pin low when it opens it as an output, whatever is
    /// written then, so what is on when the pin is low is on for a moment at each start, until the next line has run: well below a millisecond.
    /// </summary>
    internal sealed class OutputPin : IDigitalOutput
    {
        private readonly GpioPin _pin;
        private readonly bool _isActiveLow;

        /// <param name="controller">The chip's pins.</param>
        /// <param name="gpio">GPIO number.</param>
        /// <param name="isActiveLow">True if what is connected is on when the pin is low.</param>
        internal OutputPin(GpioController controller, int gpio, bool isActiveLow)
        {
            _isActiveLow = isActiveLow;
            _pin = controller.OpenPin(gpio, PinMode.Output);
            _pin.Write(LevelOf(false));
        }

        /// <inheritdoc/>
        public bool TryWrite(bool isOn)
        {
            try
            {
                _pin.Write(LevelOf(isOn));
                return true;
            }
            catch (InvalidOperationException)
            {
                // Closed, which nobody does: then the sender learns it.
                return false;
            }
        }

        private PinValue LevelOf(bool isOn)
        {
            return isOn != _isActiveLow ? PinValue.High : PinValue.Low;
        }
    }
}
