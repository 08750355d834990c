using System;
using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// A board without settings it can use: it touches no pin but the lamp, connects to nothing, and says what is missing. Which board it is
    /// stands in the settings, so the lamp is on the one pin that no board uses for anything else.
    /// </summary>
    internal sealed class SafeState
    {
        /// <summary>GPIO of the lamp. A test holds every board against it.</summary>
        internal const int LampGpio = 2;

        private const int SayMs = 5_000;

        private readonly Lamp _lamp;
        private readonly string _line;
        private long _saidMs = -SayMs;

        /// <param name="pins">The chip's pins.</param>
        /// <param name="fault">What is wrong with the settings.</param>
        internal SafeState(GpioController pins, string fault)
        {
            _lamp = new Lamp(new OutputPin(pins, LampGpio, false));
            // The one whose rule a name alone does not say.
            string why = fault == SettingName.DeviceName ? " (must be what stands behind @@@ in clientId, or all of it)" : "";
            _line = string.Concat("SAFE STATE: ", string.Concat(FlashFileName.Settings, ": ", fault), why);
        }

        internal void Tick(long nowMs)
        {
            _lamp.Show(LampSignal.NoSettings, nowMs);
            if (nowMs - _saidMs >= SayMs)
            {
                _saidMs = nowMs;
                Console.WriteLine(_line);
            }
        }
    }
}
