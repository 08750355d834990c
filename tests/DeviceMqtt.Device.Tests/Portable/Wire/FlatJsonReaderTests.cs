using System.Text;
using DeviceMqtt.Wire;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class FlatJsonReaderTests
    {
        private readonly FlatJsonReader _reader = new FlatJsonReader();

        [TestMethod]
        public void Members_OfEveryKind_AreReadInOrder()
        {
            Start(" { \"s\" : \"a\\u20ac\\n\" , \"i\":-42,\"d\":2.5e1,\"t\":true,\"n\":null,\"o\":{\"x\":[1,{}]},\"a\":[] } ");
            string text;
            long number;
            double real;
            bool flag;

            Assert.IsTrue(_reader.Read() && _reader.NameIs("s") && _reader.TryGetString(10, out text) && text == "a\u20ac\n");
            Assert.IsTrue(_reader.Read() && _reader.NameIs("i") && _reader.TryGetInt64(out number) && number == -42);
            Assert.IsTrue(_reader.Read() && _reader.NameIs("d") && _reader.TryGetDouble(out real) && real == 25);
            Assert.IsFalse(_reader.TryGetInt64(out _));
            Assert.IsTrue(_reader.Read() && _reader.NameIs("t") && _reader.TryGetBoolean(out flag) && flag);
            Assert.IsTrue(_reader.Read() && _reader.NameIs("n") && _reader.Kind == JsonKind.Null);
            Assert.IsTrue(_reader.Read() && _reader.NameIs("o") && _reader.Kind == JsonKind.Object);
            Assert.AreEqual(12, _reader.ValueLength);
            Assert.IsTrue(_reader.Read() && _reader.NameIs("a") && _reader.Kind == JsonKind.Array);
            Assert.AreEqual("a", _reader.GetName());
            Assert.IsFalse(_reader.Read());
            Assert.IsFalse(_reader.IsMalformed);
            Assert.IsFalse(_reader.Read());
        }

        [TestMethod]
        [DataRow("{}")]
        [DataRow(" {\t}\r\n")]
        [DataRow("{\"\":0}")]
        [DataRow("{\"a\":0}")]
        [DataRow("{\"a\":-0.0e-0}")]
        [DataRow("{\"a\":[[[[[[[1]]]]]]]}")]
        [DataRow("{\"a\":\"\u00e4\ud83d\ude00\\ud83d\\ude00\"}")]
        public void Text_Valid_IsReadToTheEnd(string json)
        {
            Start(json);
            while (_reader.Read())
            {
            }

            Assert.IsFalse(_reader.IsMalformed);
        }

        [TestMethod]
        [DataRow("")]
        [DataRow(" ")]
        [DataRow("[]")]
        [DataRow("\"a\"")]
        [DataRow("{")]
        [DataRow("}")]
        [DataRow("{]")]
        [DataRow("{}{}")]
        [DataRow("{} x")]
        [DataRow("{,}")]
        [DataRow("{\"a\"}")]
        [DataRow("{\"a\":}")]
        [DataRow("{\"a\":1,}")]
        [DataRow("{\"a\":1 \"b\":2}")]
        [DataRow("{\"a\" 1}")]
        [DataRow("{a:1}")]
        [DataRow("{'a':1}")]
        [DataRow("{\"\\u0061\":1}")]
        [DataRow("{\"a\":01}")]
        [DataRow("{\"a\":+1}")]
        [DataRow("{\"a\":-}")]
        [DataRow("{\"a\":1.}")]
        [DataRow("{\"a\":.5}")]
        [DataRow("{\"a\":1e}")]
        [DataRow("{\"a\":1e+}")]
        [DataRow("{\"a\":0x1}")]
        [DataRow("{\"a\":NaN}")]
        [DataRow("{\"a\":tru}")]
        [DataRow("{\"a\":truex}")]
        [DataRow("{\"a\":nul}")]
        [DataRow("{\"a\":\"b}")]
        [DataRow("{\"a\":\"\n\"}")]
        [DataRow("{\"a\":\"\\x\"}")]
        [DataRow("{\"a\":\"\\u12g4\"}")]
        [DataRow("{\"a\":\"\\ud83d\"}")]
        [DataRow("{\"a\":\"\\ud83dx\"}")]
        [DataRow("{\"a\":\"\\ud83d\\u0041\"}")]
        [DataRow("{\"a\":\"\\ude00\"}")]
        [DataRow("{\"a\":[1,]}")]
        [DataRow("{\"a\":[1}")]
        [DataRow("{\"a\":[1 2]}")]
        [DataRow("{\"a\":{\"b\"}}")]
        [DataRow("{\"a\":{\"b\":1,}}")]
        [DataRow("{\"a\":{1:1}}")]
        [DataRow("{\"a\":[}]}")]
        [DataRow("{\"a\":[[[[[[[[[1]]]]]]]]]}")]
        public void Text_Invalid_IsMalformed(string json)
        {
            Start(json);
            while (_reader.Read())
            {
            }

            Assert.IsTrue(_reader.IsMalformed);
            Assert.IsFalse(_reader.Read());
        }

        [TestMethod]
        public void Utf8_Invalid_IsMalformed()
        {
            AssertMalformedUtf8(0x80);
            AssertMalformedUtf8(0xC0, 0x80);
            AssertMalformedUtf8(0xC3);
            AssertMalformedUtf8(0xE0, 0x80, 0x80);
            AssertMalformedUtf8(0xED, 0xA0, 0x80);
            AssertMalformedUtf8(0xF4, 0x90, 0x80, 0x80);
            AssertMalformedUtf8(0xF5, 0x80, 0x80, 0x80);
            AssertMalformedUtf8(0xFF);
        }

        [TestMethod]
        public void Text_CutAtEveryByte_IsMalformed()
        {
            byte[] json = Encoding.UTF8.GetBytes("{\"id\":\"k\\u20ac\u00e4\",\"n\":-1.5e3,\"o\":{\"a\":[true,null]},\"t\":false}");
            for (int length = 0; length < json.Length; length++)
            {
                _reader.Start(json, 0, length);
                while (_reader.Read())
                {
                }

                Assert.IsTrue(_reader.IsMalformed, length.ToString());
            }
        }

        [TestMethod]
        public void Text_InTheMiddleOfABuffer_IsReadWithoutWhatStandsAround()
        {
            byte[] json = Encoding.UTF8.GetBytes("}}{\"a\":1}{\"b\":2}");

            _reader.Start(json, 2, 7);

            Assert.IsTrue(_reader.Read() && _reader.NameIs("a"));
            Assert.IsFalse(_reader.Read());
            Assert.IsFalse(_reader.IsMalformed);
        }

        [TestMethod]
        public void Nesting_OfTenThousandBrackets_IsMalformedAtOnce()
        {
            byte[] json = Encoding.UTF8.GetBytes(string.Concat("{\"a\":", new string('[', 10000), "}"));

            _reader.Start(json, 0, json.Length);

            Assert.IsFalse(_reader.Read());
            Assert.IsTrue(_reader.IsMalformed);
        }

        [TestMethod]
        [DataRow("0", 0L)]
        [DataRow("-0", 0L)]
        [DataRow("9223372036854775807", long.MaxValue)]
        [DataRow("-9223372036854775808", long.MinValue)]
        public void Integer_ThatFits_IsRead(string text, long expected)
        {
            long value;
            Start(string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(_reader.Read() && _reader.TryGetInt64(out value) && value == expected);
        }

        [TestMethod]
        [DataRow("9223372036854775808")]
        [DataRow("-9223372036854775809")]
        [DataRow("99999999999999999999999999999999999999")]
        [DataRow("1.0")]
        [DataRow("1e3")]
        [DataRow("\"1\"")]
        [DataRow("true")]
        public void Integer_ThatDoesNotFit_IsRefused(string text)
        {
            Start(string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(_reader.Read());
            Assert.IsFalse(_reader.TryGetInt64(out _));
            Assert.IsFalse(_reader.IsMalformed);
        }

        [TestMethod]
        [DataRow("0", 0.0)]
        [DataRow("21.5", 21.5)]
        [DataRow("-0.1", -0.1)]
        [DataRow("1795210757.125", 1795210757.125)]
        [DataRow("1e22", 1e22)]
        [DataRow("1e-5", 1e-5)]
        [DataRow("123e-2", 1.23)]
        [DataRow("0.000000000000000000000000001", 1e-27)]
        [DataRow("1e-400", 0.0)]
        [DataRow("0e99999999999999", 0.0)]
        public void Double_IsRead(string text, double expected)
        {
            double value = -1;
            Start(string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(_reader.Read() && _reader.TryGetDouble(out value));
            Assert.IsTrue(value <= expected * (expected < 0 ? 1 - 1e-14 : 1 + 1e-14) && value >= expected * (expected < 0 ? 1 + 1e-14 : 1 - 1e-14));
        }

        [TestMethod]
        [DataRow("1e309")]
        [DataRow("-1e999999999999999999999")]
        public void Double_TooLarge_IsRefused(string text)
        {
            Start(string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(_reader.Read());
            Assert.IsFalse(_reader.TryGetDouble(out _));
        }

        [TestMethod]
        public void String_LongerThanAsked_IsRefused()
        {
            string text;
            Start("{\"a\":\"12345\"}");

            Assert.IsTrue(_reader.Read());
            Assert.IsFalse(_reader.TryGetString(4, out text));
            Assert.AreEqual("", text);
            Assert.IsTrue(_reader.TryGetString(5, out text));
            Assert.AreEqual("12345", text);
        }

        private void AssertMalformedUtf8(params int[] bytes)
        {
            byte[] json = Encoding.UTF8.GetBytes("{\"a\":\"........\"}");
            for (int i = 0; i < bytes.Length; i++)
            {
                json[6 + i] = (byte)bytes[i];
            }

            _reader.Start(json, 0, json.Length);

            Assert.IsFalse(_reader.Read());
            Assert.IsTrue(_reader.IsMalformed);
        }

        private void Start(string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            _reader.Start(bytes, 0, bytes.Length);
        }
    }
}
