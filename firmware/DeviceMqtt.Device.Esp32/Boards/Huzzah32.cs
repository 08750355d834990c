namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Adafruit HUZZAH32 (ESP32 Feather) on a LiPo battery, with a BME280 and a soil moisture probe; asleep most of the time.</summary>
    internal sealed class Huzzah32 : Board
    {
        // Read once each time it is awake.
        private const int OnceMs = 3_600_000;

        // GPIO 34 and 35 are channels 6 and 7 of the first converter (ESP32 data sheet, table of pins).
        private const int SoilChannel = 6;
        private const int BatteryChannel = 7;

        // Two equal resistors on the board halve the battery's voltage; the converter's range with its 11 dB attenuator is about 3.3 V.
        private const double BatteryDivider = 2.0;
        private const double FullScaleVolts = 3.3;

        // Of a capacitive probe v1.2 at 3.3 V, in air and in water; to be measured with the one you have.
        private const double SoilDryRatio = 0.75;
        private const double SoilWetRatio = 0.35;

        private readonly BoardPin _data = new BoardPin("SDA", 23, "BME280.SDA");
        private readonly BoardPin _clock = new BoardPin("SCL", 22, "BME280.SCL");
        private readonly BoardPin _soil = new BoardPin("A2", 34, "Soil.AOUT");
        private readonly BoardPin _battery = new BoardPin("A13", 35, "on board: battery");

        /// <inheritdoc/>
        internal override string Name => "huzzah32";

        /// <inheritdoc/>
        internal override BoardPin Lamp { get; } = new BoardPin("13", 13, "on board: red LED");

        /// <inheritdoc/>
        internal override BoardPin[] Pins => new BoardPin[] { _data, _clock, _soil, _battery, Lamp };

        /// <inheritdoc/>
        internal override int SleepSeconds => 900;

        /// <inheritdoc/>
        internal override void Fit(BoardParts parts)
        {
            parts.Sensor("climate", new Bme280(new I2cBus(_data, _clock).Part(Bme280.Address)), OnceMs);
            parts.Sensor("soil", AnalogSensor.Soil(parts.Analog(SoilChannel), SoilDryRatio, SoilWetRatio), OnceMs);
            parts.Sensor("battery", AnalogSensor.Battery(parts.Analog(BatteryChannel), FullScaleVolts, BatteryDivider), OnceMs);
        }
    }
}
