namespace DeviceMqtt.Device.Esp32
{
    /// <summary>What a chip's pins can be used for (data sheets of ESP32 and ESP32-C3, tables of pins).</summary>
    internal sealed class Chip
    {
        internal static readonly Chip Esp32 = new Chip(39, 6, 11, 34, 1, 3);

        internal static readonly Chip Esp32C3 = new Chip(21, 11, 17, 22, 20, 21);

        private readonly int _flashFirst;
        private readonly int _flashLast;
        private readonly int _inputsFrom;
        private readonly int _serialOut;
        private readonly int _serialIn;

        private Chip(int last, int flashFirst, int flashLast, int inputsFrom, int serialOut, int serialIn)
        {
            Last = last;
            _flashFirst = flashFirst;
            _flashLast = flashLast;
            _inputsFrom = inputsFrom;
            _serialOut = serialOut;
            _serialIn = serialIn;
        }

        /// <summary>Highest GPIO number.</summary>
        internal int Last { get; }

        /// <summary>True if something may be connected to the pin: it exists, and is neither the flash's nor the serial line's.</summary>
        internal bool IsUsable(int gpio)
        {
            return gpio >= 0 && gpio <= Last && (gpio < _flashFirst || gpio > _flashLast) && gpio != _serialOut && gpio != _serialIn;
        }

        /// <summary>True if the pin can be driven.</summary>
        internal bool IsOutput(int gpio)
        {
            return IsUsable(gpio) && gpio < _inputsFrom;
        }

        /// <summary>Channel of the first converter that measures the pin, or -1.</summary>
        internal int AnalogChannelOf(int gpio)
        {
            if (this == Esp32C3)
            {
                return gpio <= 4 ? gpio : -1;
            }

            // GPIO 36 to 39 are channels 0 to 3, GPIO 32 to 35 are channels 4 to 7.
            return gpio >= 36 ? gpio - 36 : gpio >= 32 ? gpio - 28 : -1;
        }
    }
}
