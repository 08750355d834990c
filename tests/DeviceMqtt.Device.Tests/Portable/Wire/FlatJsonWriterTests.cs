using System.Text;
using DeviceMqtt.Wire;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class FlatJsonWriterTests
    {
        private readonly FlatJsonWriter _writer = new FlatJsonWriter(256);

        [TestMethod]
        public void Object_OfEveryKind_IsWrittenCompact()
        {
            _writer.Begin();
            _writer.Add("s", "a");
            _writer.Add("i", -7L);
            _writer.Add("d", 21.5, 2);
            _writer.Add("b", true);
            _writer.BeginObject("o");
            _writer.Add("x", false);
            _writer.EndObject();
            _writer.BeginArray("a");
            _writer.AddItem("p");
            _writer.AddItem("q");
            _writer.EndArray();
            _writer.AddJson("j", Encoding.UTF8.GetBytes("{\"y\":1}"), 0, 7);

            Assert.IsTrue(_writer.End());
            Assert.AreEqual("{\"s\":\"a\",\"i\":-7,\"d\":21.5,\"b\":true,\"o\":{\"x\":false},\"a\":[\"p\",\"q\"],\"j\":{\"y\":1}}", Text());
        }

        [TestMethod]
        public void Object_Empty_IsTwoBraces()
        {
            _writer.Begin();

            Assert.IsTrue(_writer.End());
            Assert.AreEqual("{}", Text());
        }

        [TestMethod]
        public void Writer_UsedAgain_ForgetsTheLastObject()
        {
            _writer.Begin();
            _writer.Add("long", "long long long");
            _writer.End();
            _writer.Begin();
            _writer.Add("n", 1L);
            _writer.End();

            Assert.AreEqual("{\"n\":1}", Text());
        }

        [TestMethod]
        [DataRow("\"\\/", "\\\"\\\\/")]
        [DataRow("\n\r\t\u0000\u001f", "\\u000a\\u000d\\u0009\\u0000\\u001f")]
        [DataRow("\u00e4\u20ac", "\u00e4\u20ac")]
        [DataRow("\ud83d\ude00", "\ud83d\ude00")]
        public void String_WithSpecialCharacters_IsEscaped(string value, string expected)
        {
            _writer.Begin();
            _writer.Add("s", value);
            _writer.End();

            Assert.AreEqual(string.Concat("{\"s\":\"", expected, "\"}"), Text());
        }

        [TestMethod]
        public void String_WithALoneSurrogate_HasAReplacementCharacter()
        {
            // Not as data rows: the text of an attribute cannot hold them.
            String_WithSpecialCharacters_IsEscaped("a\ud83d", "a\ufffd");
            String_WithSpecialCharacters_IsEscaped("\ude00b", "\ufffdb");
            String_WithSpecialCharacters_IsEscaped("\ud83d\ud83d", "\ufffd\ufffd");
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
            _writer.Begin();
            _writer.Add("d", value, decimals);
            _writer.End();

            Assert.AreEqual(string.Concat("{\"d\":", expected, "}"), Text());
        }

        [TestMethod]
        [DataRow(0L, "0")]
        [DataRow(10L, "10")]
        [DataRow(-10L, "-10")]
        [DataRow(long.MaxValue, "9223372036854775807")]
        [DataRow(long.MinValue, "-9223372036854775808")]
        public void Integer_IsWrittenWhole(long value, string expected)
        {
            _writer.Begin();
            _writer.Add("i", value);
            _writer.End();

            Assert.AreEqual(string.Concat("{\"i\":", expected, "}"), Text());
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

        private string Text()
        {
            return Encoding.UTF8.GetString(_writer.Buffer, 0, _writer.Length);
        }
    }
}
