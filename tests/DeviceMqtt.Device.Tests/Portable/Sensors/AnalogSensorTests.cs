using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class AnalogSensorTests
    {
        private readonly FakeAnalogInput _input = new FakeAnalogInput();
        private readonly double[] _values = new double[1];

        [TestMethod]
        public void Battery_BehindAHalvingDivider_IsTwiceThePin()
        {
            AnalogSensor sensor = AnalogSensor.Battery(_input, 3.3, 2.0);
            _input.Ratio = 0.6;

            Assert.IsTrue(sensor.Read(_values) == SensorError.None);
            Assert.AreEqual("3.96", _values[0].ToString("F2"));
        }

        [TestMethod]
        [DataRow(80, "0")]
        [DataRow(60, "50")]
        [DataRow(40, "100")]
        [DataRow(95, "0")]
        [DataRow(10, "100")]
        public void Soil_BetweenDryAndWet_IsAPercentage(int reading, string percent)
        {
            AnalogSensor sensor = AnalogSensor.Soil(_input, 0.8, 0.4);
            _input.Ratio = reading / 100.0;

            Assert.IsTrue(sensor.Read(_values) == SensorError.None);
            Assert.AreEqual(percent, _values[0].ToString("F0"));
        }

        [TestMethod]
        public void Converter_Fails_IsSaid()
        {
            _input.Error = SensorError.CommunicationFailed;

            Assert.IsTrue(AnalogSensor.Battery(_input, 3.3, 2.0).Read(_values) == SensorError.CommunicationFailed);
        }
    }
}
