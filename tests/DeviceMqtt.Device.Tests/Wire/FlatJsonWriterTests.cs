using System.Text;
using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class FlatJsonWriterTests
    {
        [TestMethod]
        public void Object_OfEveryKind_IsWrittenCompact()
        {
            FlatJsonWriter writer = new FlatJsonWriter(256);
            writer.Begin();
            writer.Add("s", "a");
            writer.Add("i", -7L);
            writer.Add("d", 21.5, 2);
            writer.Add("b", true);
            writer.BeginObject("o");
            writer.Add("x", false);
            writer.EndObject();
            writer.BeginArray("a");
            writer.AddItem("p");
            writer.AddItem("q");
            writer.EndArray();
            writer.AddJson("j", Encoding.UTF8.GetBytes("{\"y\":1}"), 0, 7);

            Assert.IsTrue(writer.End());
            Assert.AreEqual("{\"s\":\"a\",\"i\":-7,\"d\":21.5,\"b\":true,\"o\":{\"x\":false},\"a\":[\"p\",\"q\"],\"j\":{\"y\":1}}", Text(writer));
        }

        [TestMethod]
        public void Object_Empty_IsTwoBraces()
        {
            FlatJsonWriter writer = new FlatJsonWriter(256);
            writer.Begin();

            Assert.IsTrue(writer.End());
            Assert.AreEqual("{}", Text(writer));
        }

        [TestMethod]
        public void Writer_UsedAgain_ForgetsTheLastObject()
        {
            FlatJsonWriter writer = new FlatJsonWriter(256);
            writer.Begin();
            writer.Add("long", "long long long");
            writer.End();
            writer.Begin();
            writer.Add("n", 1L);
            writer.End();

            Assert.AreEqual("{\"n\":1}", Text(writer));
        }

        [TestMethod]
        [DataRow("\"\\/", "\\\"\\\\/")]
        [DataRow("\n\r\t\u0001\u001f", "\\u000a\\u000d\\u0009\\u0001\\u001f")]
        [DataRow("\u00e4\u20ac", "\u00e4\u20ac")]
        public void String_WithSpecialCharacters_IsEscaped(string value, string expected)
        {
            FlatJsonWriter writer = new FlatJsonWriter(256);
            writer.Begin();
            writer.Add("s", value);
            writer.End();

            Assert.AreEqual(string.Concat("{\"s\":\"", expected, "\"}"), Text(writer));
        }

        [TestMethod]
        [DataRow(0.0, 2, "0")]
        [DataRow(-0.0, 2, "0")]
        [DataRow(21.5, 2, "21.5")]
        [DataRow(21.506, 2, "21.51")]
        [DataRow(21.504, 2, "21.5")]
        [DataRow(-21.506, 2, "-21.51")]
        [DataRow(-0.004, 2, "0")]
        [DataRow(0.005, 2, "0.01")]
        [DataRow(0.05, 2, "0.05")]
        [DataRow(99.999, 2, "100")]
        [DataRow(1795210757.1, 3, "1795210757.1")]
        [DataRow(1795210757.125, 3, "1795210757.125")]
        [DataRow(1e17, 0, "100000000000000000")]
        [DataRow(1e18, 0, "null")]
        [DataRow(1e12, 9, "null")]
        [DataRow(-1e300, 0, "null")]
        [DataRow(double.NaN, 2, "null")]
        [DataRow(double.PositiveInfinity, 2, "null")]
        [DataRow(double.NegativeInfinity, 2, "null")]
        public void Double_IsRoundedAndCut(double value, int decimals, string expected)
        {
            FlatJsonWriter writer = new FlatJsonWriter(256);
            writer.Begin();
            writer.Add("d", value, decimals);
            writer.End();

            Assert.AreEqual(string.Concat("{\"d\":", expected, "}"), Text(writer));
        }

        [TestMethod]
        [DataRow(0L, "0")]
        [DataRow(10L, "10")]
        [DataRow(-10L, "-10")]
        [DataRow(long.MaxValue, "9223372036854775807")]
        [DataRow(long.MinValue, "-9223372036854775808")]
        public void Integer_IsWrittenWhole(long value, string expected)
        {
            FlatJsonWriter writer = new FlatJsonWriter(256);
            writer.Begin();
            writer.Add("i", value);
            writer.End();

            Assert.AreEqual(string.Concat("{\"i\":", expected, "}"), Text(writer));
        }

        [TestMethod]
        public void Object_TooLong_IsNotWrittenAndTheNextOneIs()
        {
            FlatJsonWriter small = new FlatJsonWriter(8);
            small.Begin();
            small.Add("name", "value");
            small.Add("b", true);

            Assert.IsFalse(small.End());
            Assert.IsTrue(small.Overflowed);

            small.Begin();
            small.Add("n", 12L);
            Assert.IsTrue(small.End());
            Assert.AreEqual(8, small.Length);
        }

        private static string Text(FlatJsonWriter writer)
        {
            return Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length);
        }
    }
}
