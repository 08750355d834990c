using System.Text;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Topic Names (5.0, 4.7).</summary>
[TestClass]
public sealed class TopicNameTests
{
    [TestMethod]
    [DataRow("a")]
    [DataRow("/")]
    [DataRow("//")]
    [DataRow(" ")]
    [DataRow("a b/c")]
    [DataRow("$SYS/broker/uptime")]
    [DataRow("presence/GID_x@@@dev1")]
    [DataRow("t\u00e9l\u00e9/\u20ac/\ud83d\ude00")]
    public void Name_Sound_IsTheSameFromTextAndFromBytes(string text)
    {
        Assert.IsTrue(TopicName.TryParse(text, out TopicName fromText, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.None, reason);
        Assert.IsTrue(TopicName.TryParse(Encoding.UTF8.GetBytes(text), out TopicName fromBytes, out reason));
        Assert.AreEqual(MalformedReason.None, reason);
        Assert.AreEqual(fromText, fromBytes);
        Assert.AreEqual(text, fromText.Value);
        Assert.AreEqual(text, fromText.ToString());
        Assert.AreEqual(text[0] == '$', fromText.IsReserved);
    }

    [TestMethod]
    [DataRow("", MalformedReason.TopicNameEmpty)] // [MQTT-4.7.3-1]
    [DataRow("+", MalformedReason.TopicNameHasWildcard)] // [MQTT-3.3.2-2]
    [DataRow("a/#", MalformedReason.TopicNameHasWildcard)]
    [DataRow("a+b", MalformedReason.TopicNameHasWildcard)]
    [DataRow("a\0b", MalformedReason.Utf8NullCharacter)] // [MQTT-4.7.3-2]
    public void Name_Unsound_IsRefusedForTheSameReasonFromTextAndFromBytes(string text, MalformedReason expected)
    {
        Assert.IsFalse(TopicName.TryParse(text, out TopicName name, out MalformedReason reason));
        Assert.AreEqual(expected, reason);
        Assert.AreEqual("", name.Value);
        Assert.IsFalse(TopicName.TryParse(Encoding.UTF8.GetBytes(text), out _, out reason));
        Assert.AreEqual(expected, reason);
    }

    [TestMethod]
    public void Name_BadCharacterAnywhere_IsFound()
    {
        (byte[] Bytes, MalformedReason Reason)[] bad =
        [
            ([(byte)'+'], MalformedReason.TopicNameHasWildcard),
            ([(byte)'#'], MalformedReason.TopicNameHasWildcard),
            ([0], MalformedReason.Utf8NullCharacter),
            ([0xC0, 0x80], MalformedReason.Utf8Invalid),
            ([0xFF], MalformedReason.Utf8Invalid),
        ];
        foreach (byte[] filler in new[] { "x"u8.ToArray(), "\u20ac"u8.ToArray() })
        {
            for (int length = 0; length < 40; length++)
            {
                byte[] sound = [.. Enumerable.Repeat(filler, length).SelectMany(bytes => bytes)];
                if (length > 0)
                    Assert.IsTrue(PublishPacket.CheckTopicName(sound, out _));
                for (int at = 0; at <= length; at++)
                {
                    foreach ((byte[] bytes, MalformedReason expected) in bad)
                    {
                        byte[] name = [.. sound.AsSpan(0, at * filler.Length), .. bytes, .. sound.AsSpan(at * filler.Length)];
                        Assert.IsFalse(PublishPacket.CheckTopicName(name, out MalformedReason reason), Bytes.Hex(name));
                        Assert.AreEqual(expected, reason, Bytes.Hex(name));
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Name_LoneSurrogateInText_IsRefused()
    {
        Assert.IsFalse(TopicName.TryParse("a\ud800", out _, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.Utf8Invalid, reason);
    }

    [TestMethod]
    public void Name_Longest_Has65535Bytes()
    {
        Assert.IsTrue(TopicName.TryParse(new string('a', 65_535), out _, out _));
        Assert.IsFalse(TopicName.TryParse(new string('a', 65_536), out _, out MalformedReason reason));
        Assert.AreEqual(MalformedReason.StringTooLong, reason);
    }

    [TestMethod]
    public void Name_Default_IsEmpty() => Assert.AreEqual("", default(TopicName).Value);
}
