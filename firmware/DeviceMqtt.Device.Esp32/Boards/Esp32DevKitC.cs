namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Espressif ESP32-DevKitC V4 with a BME280, a relay module and a button.</summary>
    internal sealed class Esp32DevKitC : Board
    {
        private const int ClimateMs = 10_000;

        private readonly BoardPin _data = new BoardPin("sda", "IO21", 21, "BME280.SDA", PinRole.Output);
        private readonly BoardPin _clock = new BoardPin("scl", "IO22", 22, "BME280.SCL", PinRole.Output);
        private readonly BoardPin _relay = new BoardPin("relay", "IO26", 26, "Relay.IN", PinRole.Output);
        private readonly BoardPin _button = new BoardPin("button", "IO27", 27, "Button.1", PinRole.Input);

        /// <inheritdoc/>
        internal override string Name => "esp32-devkitc";

        /// <inheritdoc/>
        internal override BoardPin Lamp { get; } = new BoardPin("lamp", "IO2", 2, "LED.A", PinRole.Output);

        /// <inheritdoc/>
        internal override BoardPin[] Pins => new BoardPin[] { _data, _clock, _relay, _button, Lamp };

        /// <inheritdoc/>
        internal override string[] Streams => new string[] { "climate" };

        /// <inheritdoc/>
        internal override string[] Addressed => new string[] { "bme280" };

        /// <inheritdoc/>
        internal override string[] Switched => new string[] { "relay" };

        /// <inheritdoc/>
        internal override void Fit(BoardParts parts)
        {
            parts.Sensor("climate", new Bme280(new I2cBus(_data, _clock).Part(parts.Address("bme280", Bme280.Address))), ClimateMs);
            parts.Contact("button", "pressed", _button);
            parts.Switch("relay", _relay, false);
        }
    }
}
