using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>The DS18B20 with the numbers of Maxim's data sheet (19-7487, table 1) and of application note 27.</summary>
    [TestClass]
    public sealed class Ds18b20Tests
    {
        [TestMethod]
        [DataRow(0x07D0, "125.0000")]
        [DataRow(0x0550, "85.0000")]
        [DataRow(0x0191, "25.0625")]
        [DataRow(0x00A2, "10.1250")]
        [DataRow(0x0008, "0.5000")]
        [DataRow(0x0000, "0.0000")]
        [DataRow(0xFFF8, "-0.5000")]
        [DataRow(0xFF5E, "-10.1250")]
        [DataRow(0xFE6F, "-25.0625")]
        [DataRow(0xFC90, "-55.0000")]
        public void Temperature_OfTheDataSheetsTable_IsItsValue(int raw, string degrees)
        {
            Assert.AreEqual(degrees, Ds18b20.ToCelsius((byte)raw, (byte)(raw >> 8)).ToString("F4"));
        }

        [TestMethod]
        public void CheckByte_OfTheApplicationNotesExample_IsA2()
        {
            byte[] rom = { 0x02, 0x1C, 0xB8, 0x01, 0x00, 0x00, 0x00, 0xA2 };

            Assert.AreEqual(0xA2, (int)OneWireCrc.Compute(rom, 7));
            Assert.AreEqual(0, (int)OneWireCrc.Compute(rom, 8));
        }

        [TestMethod]
        public void Reading_WhileItConverts_IsPendingAndThenTold()
        {
            FakeOneWireBus bus = new FakeOneWireBus();
            double[] values = new double[1];
            Ds18b20 sensor = new Ds18b20(bus);
            bus.Hold(0x91, 0x01, 0x0F);
            bus.Converting = 2;

            Assert.IsTrue(sensor.Setup() == SensorError.None);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.None);

            Assert.AreEqual("25.0625", values[0].ToString("F4"));
            Assert.AreEqual(1, bus.Conversions);
        }

        [TestMethod]
        public void Part_NotThere_IsNotFound()
        {
            FakeOneWireBus bus = new FakeOneWireBus();
            bus.IsPresent = false;

            Assert.IsTrue(new Ds18b20(bus).Setup() == SensorError.NotFound);
        }

        [TestMethod]
        public void Scratchpad_WithAWrongByte_IsNotTold()
        {
            FakeOneWireBus bus = new FakeOneWireBus();
            double[] values = new double[1];
            bus.Hold(0x91, 0x01, 0x0F);
            bus.Scratchpad[0] ^= 0x10;

            Assert.IsTrue(Measure(bus, values) == SensorError.CommunicationFailed);
        }

        [TestMethod]
        public void Line_HeldDown_IsNotZeroDegrees()
        {
            FakeOneWireBus bus = new FakeOneWireBus();
            double[] values = new double[1];
            bus.Scratchpad = new byte[9];

            Assert.IsTrue(Measure(bus, values) == SensorError.CommunicationFailed);
        }

        [TestMethod]
        public void PowerOnValue_OfEightyFiveDegrees_IsNotTold()
        {
            FakeOneWireBus bus = new FakeOneWireBus();
            double[] values = new double[1];
            bus.Hold(0x50, 0x05, 0x0C);

            Assert.IsTrue(Measure(bus, values) == SensorError.CommunicationFailed);
        }

        [TestMethod]
        public void EightyFiveDegrees_Measured_AreTold()
        {
            FakeOneWireBus bus = new FakeOneWireBus();
            double[] values = new double[1];
            bus.Hold(0x50, 0x05, 0x10);

            Assert.IsTrue(Measure(bus, values) == SensorError.None);
            Assert.AreEqual("85.00", values[0].ToString("F2"));
        }

        private static SensorError Measure(FakeOneWireBus bus, double[] values)
        {
            Ds18b20 sensor = new Ds18b20(bus);
            sensor.Setup();
            sensor.Read(values);
            return sensor.Read(values);
        }
    }
}
