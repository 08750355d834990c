namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Adafruit HUZZAH32 (ESP32 Feather) on a LiPo battery, with a BME280 and a soil moisture probe; asleep most of the time.</summary>
    internal sealed class Huzzah32 : Board
    {
        // Read once each time it is awake.
        private const int OnceMs = 3_600_000;

        // Two equal resistors on the board halve the battery's voltage; the converter's range with its 11 dB attenuator is about 3.3 V.
        private const double BatteryDivider = 2.0;
        private const double FullScaleVolts = 3.3;

        // Of a capacitive probe v1.2 at 3.3 V, in air and in water; to be measured with the one you have.
        private const double SoilDryRatio = 0.75;
        private const double SoilWetRatio = 0.35;

        private readonly BoardPin _data = new BoardPin("sda", "SDA", 23, "BME280.SDA", PinRole.Output);
        private readonly BoardPin _clock = new BoardPin("scl", "SCL", 22, "BME280.SCL", PinRole.Output);
        private readonly BoardPin _soil = new BoardPin("soil", "A2", 34, "Soil.AOUT", PinRole.Analog);
        private readonly BoardPin _battery = new BoardPin("battery", "A13", 35, "on board: battery", PinRole.Fixed);

        /// <inheritdoc/>
        internal override string Name => "huzzah32";

        /// <inheritdoc/>
        internal override BoardPin Lamp { get; } = new BoardPin("lamp", "13", 13, "on board: red LED", PinRole.Fixed);

        /// <inheritdoc/>
        internal override BoardPin[] Pins => new BoardPin[] { _data, _clock, _soil, _battery, Lamp };

        /// <inheritdoc/>
        internal override int SleepSeconds => 900;

        /// <inheritdoc/>
        internal override string[] Streams => new string[] { "climate", "soil", "battery" };

        /// <inheritdoc/>
        internal override string[] Addressed => new string[] { "bme280" };

        /// <inheritdoc/>
        internal override void Fit(BoardParts parts)
        {
            parts.Sensor("climate", new Bme280(new I2cBus(_data, _clock).Part(parts.Address("bme280", Bme280.Address))), OnceMs);
            parts.Sensor("soil", AnalogSensor.Soil(parts.Analog(_soil), SoilDryRatio, SoilWetRatio), OnceMs);
            parts.Sensor("battery", AnalogSensor.Battery(parts.Analog(_battery), FullScaleVolts, BatteryDivider), OnceMs);
        }
    }
}
