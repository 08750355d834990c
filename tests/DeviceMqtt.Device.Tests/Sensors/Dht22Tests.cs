using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>The DHT22 with the examples of Aosong's data sheet: 65.2 % at 35.1 degrees, and 10.1 degrees of frost.</summary>
    [TestClass]
    public sealed class Dht22Tests
    {
        private const string Warm = "0000001010001100000000010101111111101110";

        [TestMethod]
        public void Bits_OfTheDataSheet_AreItsValues()
        {
            FakePulseLine line = new FakePulseLine();
            double[] values = new double[2];
            line.Answer = Pulses(Warm);

            Assert.IsTrue(Read(line, values) == SensorError.None);
            Assert.AreEqual("35.1 65.2", string.Concat(values[0].ToString("F1"), " ", values[1].ToString("F1")));
            Assert.AreEqual("down listen fetch ", line.Calls);
        }

        [TestMethod]
        public void Temperature_WithTheHighestBit_IsBelowZero()
        {
            double[] values = new double[2];
            byte[] data = { 0x02, 0x8C, 0x80, 0x65, 0x73 };

            Assert.IsTrue(Dht22.TryDecode(data, values));
            Assert.AreEqual("-10.1", values[0].ToString("F1"));
        }

        [TestMethod]
        public void Bits_WithAWrongSum_AreNotTold()
        {
            FakePulseLine line = new FakePulseLine();
            double[] values = new double[2];
            line.Answer = Pulses("1000001010001100000000010101111111101110");

            Assert.IsTrue(Read(line, values) == SensorError.CommunicationFailed);
        }

        [TestMethod]
        public void Bits_TooFew_AreNotTold()
        {
            FakePulseLine line = new FakePulseLine();
            double[] values = new double[2];
            line.Answer = Pulses("0101");

            Assert.IsTrue(Read(line, values) == SensorError.CommunicationFailed);
        }

        [TestMethod]
        public void Part_NotThere_IsNotFound()
        {
            FakePulseLine line = new FakePulseLine();
            double[] values = new double[2];
            Assert.IsTrue(Read(line, values) == SensorError.NotFound);
        }

        private static int[] Pulses(string bits)
        {
            // The line let go, the part's own 80 us, then its bits.
            int[] pulses = new int[bits.Length + 2];
            pulses[0] = 30;
            pulses[1] = 80;
            for (int i = 0; i < bits.Length; i++)
            {
                pulses[i + 2] = bits[i] == '1' ? 70 : 27;
            }

            return pulses;
        }

        private static SensorError Read(FakePulseLine line, double[] values)
        {
            Dht22 sensor = new Dht22(line);
            Assert.IsTrue(sensor.Setup() == SensorError.None);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            Assert.IsTrue(sensor.Read(values) == SensorError.Pending);
            return sensor.Read(values);
        }
    }
}
