namespace DeviceMqtt.Device
{
    /// <summary>
    /// A quantity that goes up or down in proportion to a voltage: a battery behind a divider, a soil moisture probe. Averages eight
    /// readings, because the converter of an ESP32 is noisy.
    /// </summary>
    public sealed class AnalogSensor : ISensor
    {
        private const int Readings = 8;

        private readonly IAnalogInput _input;
        private readonly double _atZero;
        private readonly double _atFull;
        private readonly double _min;
        private readonly double _max;

        /// <param name="name">The part's name.</param>
        /// <param name="input">Where it is measured.</param>
        /// <param name="metric">What it is.</param>
        /// <param name="atZero">Value at the lowest reading of the converter.</param>
        /// <param name="atFull">Value at the highest.</param>
        /// <param name="min">Least value that makes sense; what is below is it.</param>
        /// <param name="max">Largest value that makes sense; what is above is it.</param>
        public AnalogSensor(string name, IAnalogInput input, Metric metric, double atZero, double atFull, double min, double max)
        {
            Name = name;
            _input = input;
            Metrics = new Metric[] { metric };
            _atZero = atZero;
            _atFull = atFull;
            _min = min;
            _max = max;
        }

        /// <inheritdoc/>
        public string Name { get; }

        /// <inheritdoc/>
        public Metric[] Metrics { get; }

        /// <summary>A battery behind a divider.</summary>
        /// <param name="input">Where it is measured.</param>
        /// <param name="fullScaleVolts">Voltage at the pin that gives the highest reading.</param>
        /// <param name="divider">How many times the battery's voltage is the pin's.</param>
        public static AnalogSensor Battery(IAnalogInput input, double fullScaleVolts, double divider)
        {
            double full = fullScaleVolts * divider;
            return new AnalogSensor("battery", input, new Metric("batt", "V", 2), 0, full, 0, full);
        }

        /// <summary>A capacitive soil moisture probe: the wetter, the lower its voltage.</summary>
        /// <param name="input">Where it is measured.</param>
        /// <param name="dryRatio">Reading in air, 0 to 1.</param>
        /// <param name="wetRatio">Reading in water, 0 to 1; another than in air.</param>
        public static AnalogSensor Soil(IAnalogInput input, double dryRatio, double wetRatio)
        {
            double slope = 100.0 / (wetRatio - dryRatio);
            return new AnalogSensor("soil", input, new Metric("soil", "%", 0), -dryRatio * slope, (1.0 - dryRatio) * slope, 0, 100);
        }

        /// <inheritdoc/>
        public SensorError Setup()
        {
            return SensorError.None;
        }

        /// <inheritdoc/>
        public SensorError Read(double[] values)
        {
            double sum = 0;
            for (int i = 0; i < Readings; i++)
            {
                double ratio;
                SensorError error = _input.Read(out ratio);
                if (error != SensorError.None)
                {
                    return error;
                }

                sum += ratio;
            }

            double value = _atZero + ((_atFull - _atZero) * sum / Readings);
            values[0] = value < _min ? _min : value > _max ? _max : value;
            return SensorError.None;
        }
    }
}
