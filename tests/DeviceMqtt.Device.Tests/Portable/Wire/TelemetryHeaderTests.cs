using System.Text;
using DeviceMqtt.Wire;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class TelemetryHeaderTests
    {
        private readonly TelemetryHeader _header = new TelemetryHeader();

        [TestMethod]
        public void Header_WithTime_IsRead()
        {
            Assert.IsTrue(Read("{\"n\":1042,\"t\":1795210757.1,\"temp\":21.5,\"hum\":40.2}"));

            Assert.IsTrue(_header.Sequence == 1042);
            Assert.IsTrue(_header.HasTime && !_header.HasUp && !_header.IsLate);
            Assert.IsTrue(_header.TimeSeconds > 1795210757.09 && _header.TimeSeconds < 1795210757.11);
        }

        [TestMethod]
        public void Header_WithUpAndBoot_IsRead()
        {
            Assert.IsTrue(Read("{\"n\":3,\"up\":15020,\"b\":771203,\"temp\":21.5,\"h\":1}"));

            Assert.IsTrue(_header.HasUp && !_header.HasTime && _header.IsLate);
            Assert.IsTrue(_header.UpMs == 15020 && _header.BootId == 771203);
        }

        [TestMethod]
        public void Header_ReadAfterAnother_HasNothingOfIt()
        {
            Read("{\"n\":3,\"up\":15020,\"b\":771203,\"h\":1}");

            Assert.IsTrue(Read("{\"temp\":21.5}"));
            Assert.IsTrue(_header.Sequence == 0 && !_header.HasTime && !_header.HasUp && !_header.IsLate);
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
            Assert.IsFalse(Read(json));
        }

        private bool Read(string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            return _header.TryRead(new FlatJsonReader(), bytes, 0, bytes.Length);
        }
    }
}
