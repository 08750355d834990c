using System.Text;
using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Births as the gateway and its clients read them.</summary>
    [TestClass]
    public sealed class BirthReaderTests
    {
        [TestMethod]
        public void Birth_OfThePage_IsRead()
        {
            BirthReader birth = new BirthReader();
            Assert.IsTrue(Read(
                birth,
                "{\"id\":\"GID_a@@@kitchen\",\"fw\":\"0.1.0\",\"board\":\"virtual\",\"reset\":\"power\",\"b\":771203,\"up\":5120,\"win\":4,\"lost\":2,"
                + "\"tele\":{\"climate\":{\"temp\":\"Cel\",\"hum\":\"%RH\"},\"health\":{}},\"evt\":[\"button\",\"relay\"],"
                + "\"cmd\":[\"relay.set! on:b@relay.on\",\"ping\"],\"failed\":[\"bme280\"]}"));

            Assert.AreEqual("GID_a@@@kitchen", birth.ClientId);
            Assert.AreEqual("0.1.0", birth.Firmware);
            Assert.AreEqual("virtual", birth.Board);
            Assert.AreEqual("power", birth.ResetCause);
            Assert.IsTrue(birth.HasBootId && birth.BootId == 771203 && birth.UpMs == 5120 && birth.CommandsLost == 2);
            Assert.AreEqual(4, birth.Window);
            Assert.AreEqual(2, birth.StreamCount);
            Assert.AreEqual("hum", birth.StreamAt(0).MetricAt(1));
            Assert.AreEqual("%RH", birth.StreamAt(0).UnitAt(1));
            Assert.AreEqual(0, birth.StreamAt(1).MetricCount);
            Assert.AreEqual("relay", birth.EventAt(1));
            Assert.AreEqual(2, birth.CommandCount);
            Assert.AreEqual("bme280", birth.FailedAt(0));
            Assert.IsFalse(birth.IsCut);
        }

        [TestMethod]
        public void Birth_OfAnOlderBoard_HasBareNamesAndTakesOneCommandAtATime()
        {
            BirthReader birth = new BirthReader();
            Assert.IsTrue(Read(birth, "{\"id\":\"a\",\"cmd\":[\"relay.set\",\"ping\"]}"));

            Assert.AreEqual(1, birth.Window);
            Assert.AreEqual("relay.set", birth.CommandAt(0).Name);
            Assert.IsTrue(birth.UpMs == -1 && !birth.HasBootId);
        }

        [TestMethod]
        public void Birth_Standard_AddsWhatItDoesNotDescribeItself()
        {
            BirthReader birth = new BirthReader();
            Assert.IsTrue(Read(birth, "{\"std\":1,\"id\":\"a\",\"cmd\":[\"gpio.get pin:i0..21\"]}"));

            Assert.AreEqual(StandardCommands.Count, birth.CommandCount);
            CommandForm? get = birth.FindCommand("gpio.get");
            Assert.IsTrue(get != null && get.ArgumentAt(0).Max == 21.0);
        }

        [TestMethod]
        [DataRow("{}")]
        [DataRow("{\"id\":7}")]
        [DataRow("{\"id\":\"a\"")]
        [DataRow("")]
        [DataRow("[\"id\",\"a\"]")]
        [DataRow("{\"id\":\"a\\u0000b\"}")]
        public void Birth_WithoutAClientId_IsNone(string json)
        {
            BirthReader birth = new BirthReader();

            Assert.IsFalse(Read(birth, json));
            Assert.AreEqual("", birth.ClientId);
        }

        [TestMethod]
        [DataRow("{\"id\":\"a\",\"win\":0}", 1)]
        [DataRow("{\"id\":\"a\",\"win\":-3}", 1)]
        [DataRow("{\"id\":\"a\",\"win\":1000000000000}", 32)]
        [DataRow("{\"id\":\"a\",\"win\":\"4\"}", 1)]
        [DataRow("{\"id\":\"a\",\"win\":2.5}", 1)]
        public void Birth_Window_IsWithinItsBounds(string json, int window)
        {
            BirthReader birth = new BirthReader();
            Assert.IsTrue(Read(birth, json));

            Assert.AreEqual(window, birth.Window);
        }

        [TestMethod]
        public void Birth_WrongKinds_ArePassedOver()
        {
            BirthReader birth = new BirthReader();
            Assert.IsTrue(Read(birth, "{\"id\":\"a\",\"tele\":[1],\"evt\":{\"x\":1},\"cmd\":[1,[\"x\"],{\"a\":\"b\"},null,\"ping\"],\"failed\":7,\"up\":-5,\"fw\":[]}"));

            Assert.AreEqual(1, birth.CommandCount);
            Assert.AreEqual(0, birth.EventCount);
            Assert.AreEqual(0, birth.StreamCount);
            Assert.IsTrue(birth.UpMs == -1);
        }

        [TestMethod]
        public void Birth_TooMuchOfAnything_IsCut()
        {
            StringBuilder text = new StringBuilder();
            text.Append("{\"id\":\"a\",\"evt\":[\"e\"");
            for (int i = 0; i < 200; i++)
            {
                text.Append(",\"e\"");
            }

            text.Append("]}");
            BirthReader birth = new BirthReader();
            Assert.IsTrue(Read(birth, text.ToString()));

            Assert.AreEqual(BirthReader.NamesMax, birth.EventCount);
            Assert.IsTrue(birth.IsCut);
        }

        [TestMethod]
        public void Birth_LongerThanTheBound_IsNone()
        {
            Assert.IsFalse(Read(new BirthReader(), string.Concat("{\"id\":\"a\",\"x\":\"", new string('x', BirthReader.BytesMax), "\"}")));
        }

        private static bool Read(BirthReader birth, string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            return birth.TryRead(bytes, 0, bytes.Length);
        }
    }
}
