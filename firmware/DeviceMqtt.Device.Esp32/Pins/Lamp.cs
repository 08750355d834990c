namespace DeviceMqtt.Device.Esp32
{
    /// <summary>The lamp of a board. Written only when it changes.</summary>
    internal sealed class Lamp
    {
        private const int BlinkMs = 1_000;
        private const int PatternMs = 2_000;
        private const int FlashMs = 150;

        private readonly IDigitalOutput _output;
        private bool _isOn;

        internal Lamp(IDigitalOutput output)
        {
            _output = output;
        }

        /// <summary>Whether the lamp is lit at a moment.</summary>
        internal static bool IsLit(LampSignal signal, long nowMs)
        {
            switch (signal)
            {
                case LampSignal.Connected:
                    return true;
                case LampSignal.Connecting:
                    return nowMs % BlinkMs < BlinkMs / 2;
                default:
                    int flashes = signal == LampSignal.NoSettings ? 3 : 2;
                    int at = (int)(nowMs % PatternMs) / FlashMs;
                    return at < 2 * flashes && at % 2 == 0;
            }
        }

        internal void Show(LampSignal signal, long nowMs)
        {
            bool isOn = IsLit(signal, nowMs);
            if (isOn != _isOn && _output.TryWrite(isOn))
            {
                _isOn = isOn;
            }
        }
    }
}
