namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Espressif ESP32-C3-DevKitM-1 with a DS18B20 in a waterproof probe.</summary>
    internal sealed class Esp32C3DevKitM : Board
    {
        private const int WaterMs = 30_000;

        // The runtime makes 1-Wire out of a UART: both pins go to the same wire.
        private readonly BoardPin _receive = new BoardPin("dqIn", "IO4", 4, "DS18B20.DQ", PinRole.Output);
        private readonly BoardPin _transmit = new BoardPin("dqOut", "IO5", 5, "DS18B20.DQ", PinRole.Output);

        /// <inheritdoc/>
        internal override string Name => "esp32-c3-devkitm";

        /// <inheritdoc/>
        internal override BoardPin Lamp { get; } = new BoardPin("lamp", "IO2", 2, "LED.K", PinRole.Output);

        /// <summary>This pin must be high while the chip boots, so its LED goes to 3.3 V.</summary>
        internal override bool IsLampActiveLow => true;

        /// <inheritdoc/>
        internal override BoardPin[] Pins => new BoardPin[] { _receive, _transmit, Lamp };

        /// <inheritdoc/>
        internal override Chip Chip => Chip.Esp32C3;

        /// <inheritdoc/>
        internal override string[] Streams => new string[] { "water" };

        /// <inheritdoc/>
        internal override void Fit(BoardParts parts)
        {
            parts.Sensor("water", new Ds18b20(new OneWireBus(_receive, _transmit)), WaterMs);
        }
    }
}
