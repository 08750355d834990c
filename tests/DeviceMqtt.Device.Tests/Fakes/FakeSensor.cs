using System;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A sensor that says what the test tells it.</summary>
    internal sealed class FakeSensor : ISensor
    {
        public string Name => "bme280";

        public Metric[] Metrics { get; } = new Metric[] { new Metric("temp", "Cel", 1), new Metric("hum", "%RH", 1) };

        internal SensorError SetupError { get; set; }

        internal SensorError ReadError { get; set; }

        internal bool Throws { get; set; }

        internal int SetupCount { get; private set; }

        internal double Temperature { get; set; } = 21.5;

        public SensorError Setup()
        {
            SetupCount++;
            return SetupError;
        }

        public SensorError Read(double[] values)
        {
            if (Throws)
            {
                throw new InvalidOperationException("defect");
            }

            values[0] = Temperature;
            values[1] = 40.2;
            return ReadError;
        }
    }
}
