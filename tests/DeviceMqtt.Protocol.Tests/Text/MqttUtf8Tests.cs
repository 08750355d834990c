using System.Text;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>UTF-8 Encoded Strings (5.0, 1.5.4).</summary>
[TestClass]
public sealed class MqttUtf8Tests
{
    [TestMethod]
    [DataRow("")]
    [DataRow("'a'")]
    [DataRow("C2 80")] // U+0080, the first of two bytes
    [DataRow("DF BF")]
    [DataRow("E0 A0 80")] // U+0800, the first of three
    [DataRow("ED 9F BF")] // U+D7FF, the last before the surrogates
    [DataRow("EE 80 80")] // U+E000, the first after them
    [DataRow("EF BB BF 'a'")] // U+FEFF is a character like others [MQTT-1.5.4-3]
    [DataRow("EF BF BF")] // U+FFFF, a non-character: SHOULD NOT, so accepted
    [DataRow("F0 90 80 80")] // U+10000, the first of four
    [DataRow("F4 8F BF BF")] // U+10FFFF, the last
    [DataRow("01 7F")] // control characters: SHOULD NOT, so accepted
    public void String_WellFormed_IsAccepted(string bytes)
    {
        Assert.IsTrue(MqttUtf8.Check(Bytes.Of(bytes), out MalformedReason reason));
        Assert.AreEqual(MalformedReason.None, reason);
    }

    [TestMethod]
    [DataRow("80")] // a continuation alone
    [DataRow("C2")] // cut short
    [DataRow("E2 82")]
    [DataRow("F0 90 80")]
    [DataRow("C0 80")] // overlong U+0000
    [DataRow("C1 BF")]
    [DataRow("E0 9F BF")]
    [DataRow("F0 8F BF BF")]
    [DataRow("ED A0 80")] // U+D800 [MQTT-1.5.4-1]
    [DataRow("ED BF BF")] // U+DFFF
    [DataRow("ED A0 80 ED B0 80")] // a pair of surrogates, each encoded
    [DataRow("F4 90 80 80")] // U+110000
    [DataRow("F5 80 80 80")]
    [DataRow("FE")]
    [DataRow("FF")]
    public void String_IllFormed_IsRefusedWhereverItStands(string bytes)
    {
        foreach (byte[] text in AtEveryPlace(Bytes.Of(bytes)))
        {
            Assert.IsFalse(MqttUtf8.Check(text, out MalformedReason reason), Bytes.Hex(text));
            Assert.AreEqual(MalformedReason.Utf8Invalid, reason, Bytes.Hex(text));
        }
    }

    [TestMethod]
    public void String_WithNullCharacter_IsRefusedWhereverItStands()
    {
        foreach (byte[] text in AtEveryPlace([0]))
        {
            Assert.IsFalse(MqttUtf8.Check(text, out MalformedReason reason), Bytes.Hex(text)); // [MQTT-1.5.4-2]
            Assert.AreEqual(MalformedReason.Utf8NullCharacter, reason);
        }
    }

    [TestMethod]
    public void StringOfOurs_IsRefusedExactlyWhereItsUtf8WouldBe()
    {
        Assert.IsTrue(MqttUtf8.Check("a\ud83d\ude00b", out _));
        Assert.IsTrue(MqttUtf8.Check("", out _));
        Assert.IsFalse(MqttUtf8.Check("a\0", out MalformedReason reason));
        Assert.AreEqual(MalformedReason.Utf8NullCharacter, reason);
        foreach (string text in new[] { "\ud83d", "\ude00", "\ude00\ud83d", "\ud83d\ud83d\ude00", "\ud83d\ude00\ude00", "a\ud83d" })
        {
            Assert.IsFalse(MqttUtf8.Check(text, out reason));
            Assert.AreEqual(MalformedReason.Utf8Invalid, reason);
        }
    }

    [TestMethod]
    [DataRow("a", 1)]
    [DataRow("\u00e9", 2)]
    [DataRow("\u20ac", 3)]
    [DataRow("\ud83d\ude00", 4)]
    public void StringOfOurs_MayHave65535Bytes(string character, int bytes)
    {
        int most = 65_535 / bytes;
        string padding = new('x', 65_535 % bytes);
        string longest = string.Concat(Enumerable.Repeat(character, most)) + padding;
        Assert.AreEqual(65_535, Encoding.UTF8.GetByteCount(longest));
        Assert.IsTrue(MqttUtf8.Check(longest, out _));
        Assert.IsFalse(MqttUtf8.Check(longest + "x", out MalformedReason reason));
        Assert.AreEqual(MalformedReason.StringTooLong, reason);
    }

    /// <summary>Alone, and inside texts long enough for every width that a vectorised check can have.</summary>
    private static IEnumerable<byte[]> AtEveryPlace(byte[] bytes)
    {
        yield return bytes;
        for (int length = 1; length <= 80; length++)
        {
            for (int at = 0; at <= length; at++)
                yield return [.. Enumerable.Repeat((byte)'x', at), .. bytes, .. Enumerable.Repeat((byte)'y', length - at)];
        }
    }
}
