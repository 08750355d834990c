using System.Text;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>Texts that the gateway can have and a board cannot: with U+0000, and with characters beyond U+FFFF. The device tests leave them out.</summary>
[TestClass]
public sealed class TextsOfAPcTests
{
    [TestMethod]
    public void ClientId_WithU0000_IsNotAllowed()
    {
        Assert.IsFalse(ClientId.IsAllowed("a\0b"));
        Assert.IsFalse(ClientId.IsAddressable("a\0b"));
    }

    [TestMethod]
    [DataRow("a\0b", "a\\u0000b")]
    [DataRow("\ud83d\ude00", "\ud83d\ude00")]
    public void Writer_OfSuchAText_EscapesWhatHasToBe(string value, string expected) => Assert.AreEqual($$"""{"s":"{{expected}}"}""", Write(value));

    [TestMethod]
    public void Writer_OfALoneSurrogate_WritesAReplacementCharacter()
    {
        // Not as data rows: the text of an attribute cannot hold them.
        Assert.AreEqual("{\"s\":\"a\ufffd\"}", Write("a\ud83d"));
        Assert.AreEqual("{\"s\":\"\ufffdb\"}", Write("\ude00b"));
        Assert.AreEqual("{\"s\":\"\ufffd\ufffd\"}", Write("\ud83d\ud83d"));
    }

    private static string Write(string value)
    {
        FlatJsonWriter writer = new(256);
        writer.Begin();
        writer.Add("s", value);
        Assert.IsTrue(writer.End());
        return Encoding.UTF8.GetString(writer.Buffer, 0, writer.Length);
    }
}
