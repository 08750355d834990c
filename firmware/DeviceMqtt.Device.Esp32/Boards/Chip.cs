using nanoFramework.Hardware.Esp32;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// What a chip's pins can be used for (data sheets of ESP32 and ESP32-C3, tables of pins and of strapping pins). Who opens a pin that is not there gets an
    /// exception from the runtime.
    /// </summary>
    internal sealed class Chip
    {
        // GPIO 20 is in one package only (ESP32-PICO-V3). GPIO 0 low at power-on: the chip waits for a program. GPIO 12 high: 1.8 V for the flash. GPIO 16 and 17 go
        // to the memory outside the chip, on modules that have one (ESP32-WROVER).
        internal static readonly Chip Esp32 = new Chip(39, 6, 11, 34, 1, 3, Bit(20) | Bit(24) | Bit(28) | Bit(29) | Bit(30) | Bit(31), Bit(0) | Bit(12), Bit(16) | Bit(17));

        // GPIO 9 low at power-on: the chip waits for a program; GPIO 2 and 8 belong to the same choice.
        internal static readonly Chip Esp32C3 = new Chip(21, 11, 17, 22, 20, 21, 0, Bit(2) | Bit(8) | Bit(9), 0);

        private readonly int _flashFirst;
        private readonly int _flashLast;
        private readonly int _inputsFrom;
        private readonly int _serialOut;
        private readonly int _serialIn;

        // One bit for each pin.
        private readonly long _missing;
        private readonly long _strapping;
        private readonly long _memory;

        private Chip(int last, int flashFirst, int flashLast, int inputsFrom, int serialOut, int serialIn, long missing, long strapping, long memory)
        {
            Last = last;
            _flashFirst = flashFirst;
            _flashLast = flashLast;
            _inputsFrom = inputsFrom;
            _serialOut = serialOut;
            _serialIn = serialIn;
            _missing = missing;
            _strapping = strapping;
            _memory = memory;
        }

        /// <summary>Highest GPIO number.</summary>
        internal int Last { get; }

        /// <summary>True if something may be connected to the pin: it exists, and is neither the flash's, nor the serial line's, nor that of memory outside the chip.</summary>
        internal bool IsUsable(int gpio)
        {
            // Who drives them takes the heap away under the runtime.
            if ((_memory & Bit(gpio)) != 0 && HasMemoryOutside())
            {
                return false;
            }

            return gpio >= 0 && gpio <= Last && (gpio < _flashFirst || gpio > _flashLast) && gpio != _serialOut && gpio != _serialIn && (_missing & Bit(gpio)) == 0;
        }

        /// <summary>True if the level of the pin at power-on decides whether the chip starts at all: what hangs there can keep it from starting.</summary>
        internal bool DecidesTheStart(int gpio)
        {
            return (_strapping & Bit(gpio)) != 0;
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

        private static bool HasMemoryOutside()
        {
            uint bytes;
            NativeMemory.GetMemoryInfo(NativeMemory.MemoryType.SpiRam, out bytes, out _, out _);
            return bytes > 0;
        }

        private static long Bit(int gpio)
        {
            return 1L << gpio;
        }
    }
}
