namespace DeviceMqtt.Device
{
    /// <summary>
    /// Bosch BME280: temperature, humidity and air pressure. Measures when it is asked and sleeps in between (forced mode, once per quantity:
    /// what the data sheet advises for weather monitoring, BST-BME280-DS002, section 3.5.1), which also keeps it from warming itself.
    /// </summary>
    public sealed class Bme280 : ISensor
    {
        /// <summary>Address when SDO is at ground, as on most modules.</summary>
        public const byte Address = 0x76;

        /// <summary>Address when SDO is at 3.3 V.</summary>
        public const byte OtherAddress = 0x77;

        private const byte ChipIdRegister = 0xD0;
        private const byte ChipId = 0x60;
        private const byte ResetRegister = 0xE0;
        private const byte ResetWord = 0xB6;
        private const byte HumidityControl = 0xF2;
        private const byte StatusRegister = 0xF3;
        private const byte MeasureControl = 0xF4;
        private const byte DataRegister = 0xF7;

        // Humidity once; temperature and pressure once, forced mode.
        private const byte HumidityOnce = 0x01;
        private const byte MeasureOnce = 0x25;

        // Still measuring, or still copying its calibration.
        private const byte BusyBits = 0x09;

        // What a quantity that was not measured reads as.
        private const int NotMeasured20 = 0x80000;
        private const int NotMeasured16 = 0x8000;

        private readonly II2cDevice _device;
        private readonly Bme280Calibration _calibration = new Bme280Calibration();
        private readonly byte[] _one = new byte[1];
        private readonly byte[] _data = new byte[8];
        private readonly byte[] _first = new byte[Bme280Calibration.FirstBlockBytes];
        private readonly byte[] _second = new byte[Bme280Calibration.SecondBlockBytes];
        private bool _isStarting;
        private bool _isMeasuring;
        private bool _isCalibrated;

        /// <param name="device">The part on its bus.</param>
        public Bme280(II2cDevice device)
        {
            _device = device;
        }

        /// <inheritdoc/>
        public string Name => "bme280";

        /// <inheritdoc/>
        public Metric[] Metrics { get; } =
        {
            new Metric("temp", "Cel", 2),
            new Metric("hum", "%RH", 1),
            new Metric("press", "Pa", 0),
        };

        /// <inheritdoc/>
        public SensorError Setup()
        {
            _isMeasuring = false;
            _isCalibrated = false;
            SensorError error = _device.Read(ChipIdRegister, _one);
            if (error != SensorError.None)
            {
                return error;
            }

            if (_one[0] != ChipId)
            {
                return SensorError.WrongChip;
            }

            error = _device.Write(ResetRegister, ResetWord);
            _isStarting = error == SensorError.None;
            return error;
        }

        /// <inheritdoc/>
        public SensorError Read(double[] values)
        {
            // It does not answer for up to 2 ms behind its reset (table 1, start-up time): the tick of the set-up is not the tick of the first transfer, and
            // ticks are 10 ms apart and more. Then it copies its calibration, and says so in its status.
            if (_isStarting)
            {
                _isStarting = false;
                return SensorError.Pending;
            }

            SensorError error = _device.Read(StatusRegister, _one);
            if (error != SensorError.None)
            {
                return error;
            }

            if ((_one[0] & BusyBits) != 0)
            {
                return SensorError.Pending;
            }

            return _isMeasuring ? Fetch(values) : Begin();
        }

        private SensorError Begin()
        {
            SensorError error = SensorError.None;
            if (!_isCalibrated)
            {
                error = Calibrate();
                if (error == SensorError.None && !_isCalibrated)
                {
                    // Asked again at the next tick; the stream gives it up after DeviceLimits.SensorPendingMs.
                    return SensorError.Pending;
                }
            }

            // Humidity first: its setting counts from the next write to the other register on.
            error = error == SensorError.None ? _device.Write(HumidityControl, HumidityOnce) : error;
            error = error == SensorError.None ? _device.Write(MeasureControl, MeasureOnce) : error;
            _isMeasuring = error == SensorError.None;
            return _isMeasuring ? SensorError.Pending : error;
        }

        private SensorError Calibrate()
        {
            SensorError error = _device.Read(Bme280Calibration.FirstBlock, _first);
            error = error == SensorError.None ? _device.Read(Bme280Calibration.SecondBlock, _second) : error;
            if (error == SensorError.None)
            {
                _isCalibrated = _calibration.TryLoad(_first, _second);
            }

            return error;
        }

        private SensorError Fetch(double[] values)
        {
            _isMeasuring = false;
            SensorError error = _device.Read(DataRegister, _data);
            if (error != SensorError.None)
            {
                return error;
            }

            int pressure = (_data[0] << 12) | (_data[1] << 4) | (_data[2] >> 4);
            int temperature = (_data[3] << 12) | (_data[4] << 4) | (_data[5] >> 4);
            int humidity = (_data[6] << 8) | _data[7];
            if (pressure == NotMeasured20 || temperature == NotMeasured20 || humidity == NotMeasured16)
            {
                // Its power failed in between: it has forgotten what it was told.
                return SensorError.CommunicationFailed;
            }

            values[0] = _calibration.Temperature(temperature);
            values[1] = _calibration.Humidity(humidity);
            values[2] = _calibration.Pressure(pressure);
            // Range of the part: section 1, tables 1 to 3.
            return values[0] < -40 || values[0] > 85 || values[2] < 30_000 || values[2] > 110_000 ? SensorError.OutOfRange : SensorError.None;
        }
    }
}
