namespace DeviceMqtt.Device
{
    /// <summary>
    /// Maxim DS18B20, alone on its bus and with its own supply. A conversion takes up to 750 ms; meanwhile a reading is pending and the loop
    /// goes on.
    /// </summary>
    public sealed class Ds18b20 : ISensor
    {
        private const byte SkipRom = 0xCC;
        private const byte Convert = 0x44;
        private const byte ReadScratchpad = 0xBE;
        private const int ScratchpadBytes = 9;

        // What the scratchpad holds after power-on: 85 degrees that nobody measured.
        private const int PowerOnRaw = 0x0550;

        private readonly IOneWireBus _bus;
        private readonly byte[] _scratchpad = new byte[ScratchpadBytes];
        private bool _isConverting;

        /// <param name="bus">The bus it is on.</param>
        public Ds18b20(IOneWireBus bus)
        {
            _bus = bus;
        }

        /// <inheritdoc/>
        public string Name => "ds18b20";

        /// <inheritdoc/>
        public Metric[] Metrics { get; } = { new Metric("temp", "Cel", 2) };

        /// <summary>Degrees Celsius of the two lowest bytes of the scratchpad (data sheet, table 1: sixteenths, two's complement).</summary>
        public static double ToCelsius(byte low, byte high)
        {
            return (short)(low | (high << 8)) / 16.0;
        }

        /// <inheritdoc/>
        public SensorError Setup()
        {
            _isConverting = false;
            return _bus.TryReset() ? SensorError.None : SensorError.NotFound;
        }

        /// <inheritdoc/>
        public SensorError Read(double[] values)
        {
            if (!_isConverting)
            {
                if (!_bus.TryReset())
                {
                    return SensorError.NotFound;
                }

                _bus.Write(SkipRom);
                _bus.Write(Convert);
                _isConverting = true;
                return SensorError.Pending;
            }

            // It answers read slots with 0 until it is done.
            if (_bus.Read() == 0)
            {
                return SensorError.Pending;
            }

            _isConverting = false;
            return Fetch(values);
        }

        private SensorError Fetch(double[] values)
        {
            if (!_bus.TryReset())
            {
                return SensorError.NotFound;
            }

            _bus.Write(SkipRom);
            _bus.Write(ReadScratchpad);
            for (int i = 0; i < ScratchpadBytes; i++)
            {
                _scratchpad[i] = _bus.Read();
            }

            // A line that is held down reads as zeros, which fit their own check byte: the reserved byte behind the settings is never 0.
            if (OneWireCrc.Compute(_scratchpad, ScratchpadBytes) != 0 || _scratchpad[5] == 0)
            {
                return SensorError.CommunicationFailed;
            }

            if ((_scratchpad[0] | (_scratchpad[1] << 8)) == PowerOnRaw && _scratchpad[6] == 0x0C)
            {
                // Its power failed during the conversion. 85 degrees that were measured leave another byte 6.
                return SensorError.CommunicationFailed;
            }

            values[0] = ToCelsius(_scratchpad[0], _scratchpad[1]);
            return values[0] < -55 || values[0] > 125 ? SensorError.OutOfRange : SensorError.None;
        }
    }
}
