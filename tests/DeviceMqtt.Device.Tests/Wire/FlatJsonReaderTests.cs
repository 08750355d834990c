using System.Text;
using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class FlatJsonReaderTests
    {
        [TestMethod]
        public void Members_OfEveryKind_AreReadInOrder()
        {
            FlatJsonReader reader = new FlatJsonReader();
            Start(reader, " { \"s\" : \"a\\u20ac\\n\" , \"i\":-42,\"d\":2.5e1,\"t\":true,\"n\":null,\"o\":{\"x\":[1,{}]},\"a\":[] } ");
            string text;
            long number;
            double real;
            bool flag;

            Assert.IsTrue(reader.Read() && reader.NameIs("s") && reader.TryGetString(10, out text) && text == "a\u20ac\n");
            Assert.IsTrue(reader.Read() && reader.NameIs("i") && reader.TryGetInt64(out number) && number == -42);
            Assert.IsTrue(reader.Read() && reader.NameIs("d") && reader.TryGetDouble(out real) && real == 25);
            Assert.IsFalse(reader.TryGetInt64(out _));
            Assert.IsTrue(reader.Read() && reader.NameIs("t") && reader.TryGetBoolean(out flag) && flag);
            Assert.IsTrue(reader.Read() && reader.NameIs("n") && reader.Kind == JsonKind.Null);
            Assert.IsTrue(reader.Read() && reader.NameIs("o") && reader.Kind == JsonKind.Object);
            Assert.AreEqual(12, reader.ValueLength);
            Assert.IsTrue(reader.Read() && reader.NameIs("a") && reader.Kind == JsonKind.Array);
            Assert.AreEqual("a", reader.GetName());
            Assert.IsFalse(reader.Read());
            Assert.IsFalse(reader.IsMalformed);
            Assert.IsFalse(reader.Read());
        }

        [TestMethod]
        [DataRow("{}")]
        [DataRow(" {\t}\r\n")]
        [DataRow("{\"\":0}")]
        [DataRow("{\"a\":0}")]
        [DataRow("{\"a\":-0.0e-0}")]
        [DataRow("{\"a\":[[[[[[[1]]]]]]]}")]
        [DataRow("{\"a\":\"\u00e4\\ud83d\\ude00\"}")]
        public void Text_Valid_IsReadToTheEnd(string json)
        {
            FlatJsonReader reader = new FlatJsonReader();
            Start(reader, json);
            while (reader.Read())
            {
            }

            Assert.IsFalse(reader.IsMalformed);
        }

        [TestMethod]
        public void Text_WithACharacterOfFourBytes_IsReadToTheEnd()
        {
            // As bytes, because a board cannot hold it as text: U+1F600.
            byte[] json = Encoding.UTF8.GetBytes("{\"a\":\"....\"}");
            byte[] character = new byte[] { 0xF0, 0x9F, 0x98, 0x80 };
            character.CopyTo(json, 6);
            FlatJsonReader reader = new FlatJsonReader();
            reader.Start(json, 0, json.Length);

            Assert.IsTrue(reader.Read() && reader.NameIs("a"));
            Assert.IsFalse(reader.Read() || reader.IsMalformed);
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
            FlatJsonReader reader = new FlatJsonReader();
            Start(reader, json);
            while (reader.Read())
            {
            }

            Assert.IsTrue(reader.IsMalformed);
            Assert.IsFalse(reader.Read());
        }

        [TestMethod]
        public void Utf8_Invalid_IsMalformed()
        {
            FlatJsonReader reader = new FlatJsonReader();
            AssertMalformedUtf8(reader, 0x80);
            AssertMalformedUtf8(reader, 0xC0, 0x80);
            AssertMalformedUtf8(reader, 0xC3);
            AssertMalformedUtf8(reader, 0xE0, 0x80, 0x80);
            AssertMalformedUtf8(reader, 0xED, 0xA0, 0x80);
            AssertMalformedUtf8(reader, 0xF4, 0x90, 0x80, 0x80);
            AssertMalformedUtf8(reader, 0xF5, 0x80, 0x80, 0x80);
            AssertMalformedUtf8(reader, 0xFF);
        }

        [TestMethod]
        public void Text_CutAtEveryByte_IsMalformed()
        {
            FlatJsonReader reader = new FlatJsonReader();
            byte[] json = Encoding.UTF8.GetBytes("{\"id\":\"k\\u20ac\u00e4\",\"n\":-1.5e3,\"o\":{\"a\":[true,null]},\"t\":false}");
            for (int length = 0; length < json.Length; length++)
            {
                reader.Start(json, 0, length);
                while (reader.Read())
                {
                }

                Assert.IsTrue(reader.IsMalformed, length.ToString());
            }
        }

        [TestMethod]
        public void Text_InTheMiddleOfABuffer_IsReadWithoutWhatStandsAround()
        {
            FlatJsonReader reader = new FlatJsonReader();
            byte[] json = Encoding.UTF8.GetBytes("}}{\"a\":1}{\"b\":2}");

            reader.Start(json, 2, 7);

            Assert.IsTrue(reader.Read() && reader.NameIs("a"));
            Assert.IsFalse(reader.Read());
            Assert.IsFalse(reader.IsMalformed);
        }

        [TestMethod]
        public void Nesting_OfTenThousandBrackets_IsMalformedAtOnce()
        {
            FlatJsonReader reader = new FlatJsonReader();
            byte[] json = Encoding.UTF8.GetBytes(string.Concat("{\"a\":", new string('[', 10000), "}"));

            reader.Start(json, 0, json.Length);

            Assert.IsFalse(reader.Read());
            Assert.IsTrue(reader.IsMalformed);
        }

        [TestMethod]
        [DataRow("0", 0L)]
        [DataRow("-0", 0L)]
        [DataRow("9223372036854775807", long.MaxValue)]
        [DataRow("-9223372036854775808", long.MinValue)]
        public void Integer_ThatFits_IsRead(string text, long expected)
        {
            FlatJsonReader reader = new FlatJsonReader();
            long value;
            Start(reader, string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(reader.Read() && reader.TryGetInt64(out value) && value == expected);
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
            FlatJsonReader reader = new FlatJsonReader();
            Start(reader, string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(reader.Read());
            Assert.IsFalse(reader.TryGetInt64(out _));
            Assert.IsFalse(reader.IsMalformed);
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
            FlatJsonReader reader = new FlatJsonReader();
            double value = -1;
            Start(reader, string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(reader.Read() && reader.TryGetDouble(out value));
            Assert.IsTrue(value <= expected * (expected < 0 ? 1 - 1e-14 : 1 + 1e-14) && value >= expected * (expected < 0 ? 1 + 1e-14 : 1 - 1e-14));
        }

        [TestMethod]
        [DataRow("1e309")]
        [DataRow("-1e999999999999999999999")]
        public void Double_TooLarge_IsRefused(string text)
        {
            FlatJsonReader reader = new FlatJsonReader();
            Start(reader, string.Concat("{\"a\":", text, "}"));

            Assert.IsTrue(reader.Read());
            Assert.IsFalse(reader.TryGetDouble(out _));
        }

        [TestMethod]
        public void String_LongerThanAsked_IsRefused()
        {
            FlatJsonReader reader = new FlatJsonReader();
            string text;
            Start(reader, "{\"a\":\"12345\"}");

            Assert.IsTrue(reader.Read());
            Assert.IsFalse(reader.TryGetString(4, out text));
            Assert.AreEqual("", text);
            Assert.IsTrue(reader.TryGetString(5, out text));
            Assert.AreEqual("12345", text);
        }

        private static void AssertMalformedUtf8(FlatJsonReader reader, params int[] bytes)
        {
            byte[] json = Encoding.UTF8.GetBytes("{\"a\":\"........\"}");
            for (int i = 0; i < bytes.Length; i++)
            {
                json[6 + i] = (byte)bytes[i];
            }

            reader.Start(json, 0, json.Length);

            Assert.IsFalse(reader.Read());
            Assert.IsTrue(reader.IsMalformed);
        }

        private static void Start(FlatJsonReader reader, string json)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            reader.Start(bytes, 0, bytes.Length);
        }
    }
}
