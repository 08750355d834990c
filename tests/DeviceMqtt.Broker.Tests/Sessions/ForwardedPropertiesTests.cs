using System.Buffers;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Sessions;

[TestClass]
internal sealed class ForwardedPropertiesTests
{
    private static byte[] Encode(params Action<PropertyWriter>[] properties)
    {
        PropertyWriter writer = new();
        foreach (Action<PropertyWriter> add in properties)
            add(writer);
        return writer.Written.ToArray();
    }

    private static readonly Action<PropertyWriter> Alias = p => p.Add(PropertyId.TopicAlias, 9u);
    private static readonly Action<PropertyWriter> Expiry = p => p.Add(PropertyId.MessageExpiryInterval, 60u);
    private static readonly Action<PropertyWriter> UserA = p => p.Add(new UserProperty("a", "1"));
    private static readonly Action<PropertyWriter> UserB = p => p.Add(new UserProperty("b", "2"));

    [TestMethod]
    public void Forwardable_AliasAnywhere_IsTakenOut()
    {
        byte[] expected = Encode(UserA, Expiry, UserB);
        foreach (byte[] properties in new[] { Encode(Alias, UserA, Expiry, UserB), Encode(UserA, Alias, Expiry, UserB), Encode(UserA, Expiry, UserB, Alias), expected })
        {
            ArrayBufferWriter<byte> packet = new();
            PublishPacket.Write(packet, ProtocolVersion.V5, "t"u8, properties, "x"u8, QoS.AtMostOnce, retain: false, dup: false, 0);
            FrameReader reader = new(new ReadOnlySequence<byte>(packet.WrittenMemory), int.MaxValue, new StraddleBuffer());
            _ = reader.TryRead(out Frame frame);
            Assert.IsTrue(PublishPacket.TryDecode(frame, ProtocolVersion.V5, out PublishView view, out _));
            CollectionAssert.AreEqual(expected, ForwardedProperties.Forwardable(view).ToArray());
        }
    }

    [TestMethod]
    [DataRow(0L, 60u)]
    [DataRow(1L, 60u)] // never told as older than it is
    [DataRow(1000L, 59u)]
    [DataRow(1001L, 59u)]
    [DataRow(59_999L, 1u)]
    [DataRow(70_000L, 1u)] // too late to say 0, which would mean it expired unseen
    public void Aged_AfterWaiting_SaysWhatIsLeft(long waitedMs, uint left)
    {
        Message message = new() { Topic = "t", TopicUtf8 = [(byte)'t'], Payload = [], QoS = QoS.AtLeastOnce, Properties = Encode(UserA, Expiry, UserB), ExpiresMs = 100_000 + 60_000 };
        byte[] aged = ForwardedProperties.Aged(message, 100_000 + waitedMs).ToArray();
        CollectionAssert.AreEqual(Encode(UserA, p => p.Add(PropertyId.MessageExpiryInterval, left), UserB), aged);
        CollectionAssert.AreEqual(Encode(UserA, Expiry, UserB), message.Properties, "others hold the same message");
    }

    [TestMethod]
    public void Aged_WithoutExpiryInterval_Unchanged()
    {
        Message message = new() { Topic = "dm/p2p/x", TopicUtf8 = "dm/p2p/x"u8.ToArray(), Payload = [], QoS = QoS.AtLeastOnce, Properties = Encode(UserA), ExpiresMs = 5 };
        CollectionAssert.AreEqual(Encode(UserA), ForwardedProperties.Aged(message, 3).ToArray());
    }

    [TestMethod]
    public void ExpirySeconds_FoundAmongOthers()
    {
        Assert.AreEqual(60u, ForwardedProperties.ExpirySeconds(Encode(UserA, Expiry, UserB)));
        Assert.IsNull(ForwardedProperties.ExpirySeconds(Encode(UserA)));
        Assert.IsNull(ForwardedProperties.ExpirySeconds([]));
    }

    [TestMethod]
    public void OfSubscriber_AliasAndIdentifiers_NothingElse()
    {
        PropertyWriter scratch = new();
        CollectionAssert.AreEqual(
            Encode(Alias, p => p.Add(PropertyId.SubscriptionIdentifier, 300u), p => p.Add(PropertyId.SubscriptionIdentifier, 2u)),
            ForwardedProperties.OfSubscriber(scratch, alias: 9, identifiers: [300, 2]).ToArray());
        Assert.IsEmpty(ForwardedProperties.OfSubscriber(scratch, alias: 0, identifiers: null).ToArray());
    }
}
