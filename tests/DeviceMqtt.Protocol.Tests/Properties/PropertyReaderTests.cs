using System.Text;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Walking and building encoded properties (5.0, 2.2.2).</summary>
[TestClass]
public sealed class PropertyReaderTests
{
    [TestMethod]
    public void Properties_OfEveryType_AreReadInOrder()
    {
        byte[] properties = Bytes.Of("01 01 21 00 05 02 00 01 00 00 0B FF 7F 03 <json> 09 00 02 00 FF 26 <k> <v>");
        var seen = new StringBuilder();
        var reader = new PropertyReader(properties);
        while (reader.TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value2))
            seen.Append($"{id} {number} [{Bytes.Hex(bytes)}] [{Bytes.Hex(value2)}]\n");
        const string Expected = """
            PayloadFormatIndicator 1 [] []
            ReceiveMaximum 5 [] []
            MessageExpiryInterval 65536 [] []
            SubscriptionIdentifier 16383 [] []
            ContentType 0 [6A 73 6F 6E] []
            CorrelationData 0 [00 FF] []
            UserProperty 0 [6B] [76]

            """;
        Assert.AreEqual(Expected, seen.ToString());
        Assert.AreEqual(MalformedReason.None, reader.Reason);
        Assert.IsTrue(reader.Rest.IsEmpty);
    }

    [TestMethod]
    public void Properties_AfterAMistake_AreNotReadOn()
    {
        var reader = new PropertyReader(Bytes.Of("7F 01 01"));
        Assert.IsFalse(reader.TryRead(out _, out _, out _, out _));
        Assert.AreEqual(MalformedReason.UnknownProperty, reader.Reason);
        Assert.IsFalse(reader.TryRead(out _, out _, out _, out _));
    }

    [TestMethod]
    public void Writer_EveryType_ExactBytes()
    {
        var writer = new PropertyWriter();
        writer.Add(PropertyId.PayloadFormatIndicator, 1);
        writer.Add(PropertyId.TopicAlias, 0x1234);
        writer.Add(PropertyId.MessageExpiryInterval, uint.MaxValue);
        writer.Add(PropertyId.SubscriptionIdentifier, 128);
        writer.Add(PropertyId.ContentType, "json");
        writer.Add(PropertyId.ResponseTopic, "r/t"u8);
        writer.Add(PropertyId.CorrelationData, [0, 255]);
        writer.Add(new UserProperty("k\u00e9y", ""));
        writer.AddEncoded([0x23, 0x00, 0x01]);
        Assert.AreEqual(
            Bytes.Hex(Bytes.Of("01 01 23 12 34 02 FF FF FF FF 0B 80 01 03 <json> 08 <r/t> 09 00 02 00 FF 26 <k\u00e9y> <> 23 00 01")),
            Bytes.Hex(writer.Written));
        writer.Clear();
        Assert.IsTrue(writer.Written.IsEmpty);
    }

    [TestMethod]
    public void Writer_ValueOfAnotherType_IsOurBug()
    {
        var writer = new PropertyWriter();
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.ContentType, 1));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.TopicAlias, "x"));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.CorrelationData, "x"));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.UserProperty, [1]));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add((PropertyId)99, 1));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.PayloadFormatIndicator, 256));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.TopicAlias, 65_536));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.SubscriptionIdentifier, VariableByteInteger.Max + 1));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.CorrelationData, new byte[65_536]));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Add(PropertyId.ContentType, "\ud800"));
    }
}
