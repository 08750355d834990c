using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// A watchdog chip beside the board (MAX6369, TPL5010 and their like): it resets the board when its input has not changed for some time. That
    /// must be ten seconds or more, because a TLS handshake stops the whole runtime for some. nanoFramework has no access to the watchdog inside
    /// an ESP32.
    /// </summary>
    internal sealed class PinWatchdog : IWatchdog
    {
        private readonly GpioPin _pin;
        private bool _isHigh;

        internal PinWatchdog(GpioController controller, int gpio)
        {
            _pin = controller.OpenPin(gpio, PinMode.Output);
        }

        /// <inheritdoc/>
        public void Feed()
        {
            _isHigh = !_isHigh;
            _pin.Write(_isHigh ? PinValue.High : PinValue.Low);
        }
    }
}
