using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class AnalogSensorTests
    {
        [TestMethod]
        public void Battery_BehindAHalvingDivider_IsTwiceThePin()
        {
            FakeAnalogInput input = new FakeAnalogInput();
            double[] values = new double[1];
            AnalogSensor sensor = AnalogSensor.Battery(input, 3.3, 2.0);
            input.Ratio = 0.6;

            Assert.IsTrue(sensor.Read(values) == SensorError.None);
            Assert.AreEqual("3.96", values[0].ToString("F2"));
        }

        [TestMethod]
        [DataRow(80, "0")]
        [DataRow(60, "50")]
        [DataRow(40, "100")]
        [DataRow(95, "0")]
        [DataRow(10, "100")]
        public void Soil_BetweenDryAndWet_IsAPercentage(int reading, string percent)
        {
            FakeAnalogInput input = new FakeAnalogInput();
            double[] values = new double[1];
            AnalogSensor sensor = AnalogSensor.Soil(input, 0.8, 0.4);
            input.Ratio = reading / 100.0;

            Assert.IsTrue(sensor.Read(values) == SensorError.None);
            Assert.AreEqual(percent, values[0].ToString("F0"));
        }

        [TestMethod]
        public void Converter_Fails_IsSaid()
        {
            FakeAnalogInput input = new FakeAnalogInput();
            double[] values = new double[1];
            input.Error = SensorError.CommunicationFailed;

            Assert.IsTrue(AnalogSensor.Battery(input, 3.3, 2.0).Read(values) == SensorError.CommunicationFailed);
        }
    }
}
