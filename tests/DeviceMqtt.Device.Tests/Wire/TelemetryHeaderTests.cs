using System.Text;
using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class TelemetryHeaderTests
    {
        [TestMethod]
        public void Header_WithTime_IsRead()
        {
            TelemetryHeader header = new TelemetryHeader();
            Assert.IsTrue(Read(header, "{\"n\":1042,\"t\":1795210757.1,\"temp\":21.5,\"hum\":40.2}"));

            Assert.IsTrue(header.Sequence == 1042);
            Assert.IsTrue(header.HasTime && !header.HasUp && !header.IsLate);
            Assert.IsTrue(header.TimeSeconds > 1795210757.09 && header.TimeSeconds < 1795210757.11);
        }

        [TestMethod]
        public void Header_WithUpAndBoot_IsRead()
        {
            TelemetryHeader header = new TelemetryHeader();
            Assert.IsTrue(Read(header, "{\"n\":3,\"up\":15020,\"b\":771203,\"temp\":21.5,\"h\":1}"));

            Assert.IsTrue(header.HasUp && !header.HasTime && header.IsLate);
            Assert.IsTrue(header.UpMs == 15020 && header.BootId == 771203);
        }

        [TestMethod]
        public void Header_ReadAfterAnother_HasNothingOfIt()
        {
            TelemetryHeader header = new TelemetryHeader();
            Read(header, "{\"n\":3,\"up\":15020,\"b\":771203,\"h\":1}");

            Assert.IsTrue(Read(header, "{\"temp\":21.5}"));
            Assert.IsTrue(header.Sequence == 0 && !header.HasTime && !header.HasUp && !header.IsLate);
        }

        [TestMethod]
        [DataRow("{\"n\":0}")]
        [DataRow("{\"n\":-1}")]
        [DataRow("{\"n\":1,\"n\":2}")]
        [DataRow("{\"n\":\"1\"}")]
        [DataRow("{\"t\":-1}")]
        [DataRow("{\"t\":true}")]
        [DataRow("{\"t\":1,\"t\":1}")]
        [DataRow("{\"up\":5}")]
        [DataRow("{\"b\":5}")]
        [DataRow("{\"up\":-5,\"b\":1}")]
        [DataRow("{\"up\":5,\"up\":5,\"b\":1}")]
        [DataRow("{\"h\":0}")]
        [DataRow("{\"h\":1,\"h\":1}")]
        [DataRow("{\"n\":1,\"deep\":{}}")]
        [DataRow("{\"n\":1,\"deep\":[]}")]
        [DataRow("{\"n\":1")]
        [DataRow("21.5")]
        public void Header_Wrong_IsRefused(string json)
        {
            TelemetryHeader header = new TelemetryHeader();
            Assert.IsFalse(Read(header, json));
        }

        private static bool Read(TelemetryHeader header, string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            return header.TryRead(new FlatJsonReader(), bytes, 0, bytes.Length);
        }
    }
}
