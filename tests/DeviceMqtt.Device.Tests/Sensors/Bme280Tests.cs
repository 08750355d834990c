using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>
    /// The BME280 with the worked example of Bosch's data sheet (BST-BMP280-DS001, section 3.12; the BME280 computes temperature and pressure
    /// alike): raw 519888 and 415148 are 25.08 degrees and 100653.27 Pa. For humidity the data sheet has only its own integer routine, which
    /// stands here as the reference.
    /// </summary>
    [TestClass]
    public sealed class Bme280Tests
    {
        [TestMethod]
        public void Reading_OfTheDataSheet_GivesItsTemperatureAndPressure()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);

            Start(sensor, part, values);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.None);

            Assert.AreEqual("25.08", values[0].ToString("F2"));
            Assert.AreEqual("100653.3", values[2].ToString("F1"));
        }

        [TestMethod]
        [DataRow(0x5A00)]
        [DataRow(0x6800)]
        [DataRow(0x7000)]
        [DataRow(0x7D00)]
        public void Humidity_InDoubles_IsThatOfTheDataSheetsIntegerRoutine(int raw)
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, raw);
            Start(sensor, part, values);
            sensor.Read(values);
            sensor.Read(values);

            double expected = HumidityOfTheDataSheet(raw, 128422);
            Assert.IsTrue(values[1] > expected - 0.02 && values[1] < expected + 0.02, string.Concat(values[1].ToString("F3"), " ", expected.ToString("F3")));
            Assert.IsTrue(values[1] > 10 && values[1] <= 100);
        }

        [TestMethod]
        public void Reading_BeginsWithHumidityThenForcedMode_AsTheDataSheetAsks()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            Start(sensor, part, values);
            sensor.Read(values);

            Assert.AreEqual("E0B6 F201 F425 ", part.Written);
        }

        [TestMethod]
        public void Part_StillMeasuring_IsPending()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            Start(sensor, part, values);
            sensor.Read(values);
            part.Put(0xF3, 0x08);

            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            part.Put(0xF3, 0x00);
            Assert.IsTrue(sensor.Read(values) == SensorError.None);
        }

        [TestMethod]
        public void Part_JustReset_IsLeftAloneUntilTheNextTick()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            Assert.IsTrue(sensor.Setup() == SensorError.None);
            int before = part.Transfers;

            // In the tick of the set-up: the part does not answer yet.
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.AreEqual(before, part.Transfers);
        }

        [TestMethod]
        public void Part_StillCopyingItsCalibration_IsNotAskedForIt()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            part.Put(0xF3, 0x01);
            Start(sensor, part, values);
            int before = part.Transfers;

            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.AreEqual(before + 1, part.Transfers);
            part.Put(0xF3, 0x00);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.None);
        }

        [TestMethod]
        [DataRow(0x00)]
        [DataRow(0xFF)]
        public void Calibration_ThatNoPartHas_IsReadAgainAndNotKept(int all)
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            byte[] good = new byte[26];
            for (int i = 0; i < good.Length; i++)
            {
                good[i] = part.Registers[0x88 + i];
                part.Put(0x88 + i, all);
            }

            Start(sensor, part, values);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            for (int i = 0; i < good.Length; i++)
            {
                part.Put(0x88 + i, good[i]);
            }

            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.None);
            Assert.AreEqual("25.08", values[0].ToString("F2"));
        }

        [TestMethod]
        public void Part_AnotherChip_IsTheWrongChip()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            Bme280 sensor = NewSensor(part, 0x7000);
            part.Put(0xD0, 0x58);

            Assert.IsTrue(sensor.Setup() == SensorError.WrongChip);
        }

        [TestMethod]
        public void Part_NotThere_IsNotFoundAfterOneTransfer()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            part.Error = SensorError.NotFound;

            Assert.IsTrue(new Bme280(part).Setup() == SensorError.NotFound);
            Assert.AreEqual(1, part.Transfers);
        }

        [TestMethod]
        public void Bus_FailsWhileReading_IsSaidAfterOneTransfer()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            Start(sensor, part, values);
            int before = part.Transfers;
            part.Error = SensorError.CommunicationFailed;

            Assert.IsTrue(sensor.Read(values) == SensorError.CommunicationFailed);
            Assert.AreEqual(before + 1, part.Transfers);
        }

        [TestMethod]
        public void Part_LostItsPowerInBetween_GivesNoValues()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            Start(sensor, part, values);
            sensor.Read(values);
            part.Put(0xF7, 0x80, 0, 0, 0x80, 0, 0, 0x80, 0);

            Assert.IsTrue(sensor.Read(values) == SensorError.CommunicationFailed);
        }

        [TestMethod]
        public void Values_OutsideThePartsRange_AreNotTold()
        {
            FakeI2cDevice part = new FakeI2cDevice();
            double[] values = new double[3];
            Bme280 sensor = NewSensor(part, 0x7000);
            Start(sensor, part, values);
            sensor.Read(values);
            // Raw temperature at its upper end: far above 85 degrees.
            part.Put(0xFA, 0xFF, 0xFF, 0xF0);

            Assert.IsTrue(sensor.Read(values) == SensorError.OutOfRange);
        }

        /// <summary>Set up and asked in one tick, as a stream does, and the time until the next.</summary>
        private static void Start(Bme280 sensor, FakeI2cDevice part, double[] values)
        {
            Assert.IsTrue(sensor.Setup() == SensorError.None);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            part.Pass(20);
        }

        private static double HumidityOfTheDataSheet(int raw, int fine)
        {
            // Calibration of a part: 75, 362, 0, 312, 50, 30.
            int v = fine - 76800;
            v = ((((raw << 14) - (312 << 20) - (50 * v)) + 16384) >> 15)
                * (((((((v * 30) >> 10) * (((v * 0) >> 11) + 32768)) >> 10) + 2097152) * 362 + 8192) >> 14);
            v -= ((((v >> 15) * (v >> 15)) >> 7) * 75) >> 4;
            v = v < 0 ? 0 : v > 419430400 ? 419430400 : v;
            return (v >> 12) / 1024.0;
        }

        private static Bme280 NewSensor(FakeI2cDevice part, int humidity)
        {
            int[] calibration = { 27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000 };
            for (int i = 0; i < calibration.Length; i++)
            {
                part.PutNumber(0x88 + (2 * i), calibration[i]);
            }

            part.Put(0xD0, 0x60);
            part.Put(0xA1, 75);
            part.PutNumber(0xE1, 362);
            // 312 and 50 share the byte in the middle: 0x138 and 0x032.
            part.Put(0xE3, 0, 0x13, 0x28, 0x03, 30);
            part.Put(0xF7, 415148 >> 12, (415148 >> 4) & 0xFF, (415148 & 0x0F) << 4);
            part.Put(0xFA, 519888 >> 12, (519888 >> 4) & 0xFF, (519888 & 0x0F) << 4);
            part.Put(0xFD, humidity >> 8, humidity & 0xFF);
            return new Bme280(part);
        }
    }
}
