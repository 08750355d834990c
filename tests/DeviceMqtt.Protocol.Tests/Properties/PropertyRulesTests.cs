using static DeviceMqtt.Protocol.PropertyId;
using static DeviceMqtt.Protocol.PropertyOwner;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Table 2-4 of 5.0, written down a second time: identifier, name, type, and the packets it may stand in.</summary>
[TestClass]
public sealed class PropertyRulesTests
{
    private static readonly PropertyOwner[] Everywhere = Enum.GetValues<PropertyOwner>();

    private static readonly (byte Identifier, PropertyId Name, PropertyType Type, PropertyOwner[] Owners)[] Table =
    [
        (1, PayloadFormatIndicator, PropertyType.Byte, [Publish, Will]),
        (2, MessageExpiryInterval, PropertyType.FourByteInteger, [Publish, Will]),
        (3, ContentType, PropertyType.Utf8String, [Publish, Will]),
        (8, ResponseTopic, PropertyType.Utf8String, [Publish, Will]),
        (9, CorrelationData, PropertyType.BinaryData, [Publish, Will]),
        (11, SubscriptionIdentifier, PropertyType.VariableByteInteger, [Publish, Subscribe]),
        (17, SessionExpiryInterval, PropertyType.FourByteInteger, [Connect, ConnAck, Disconnect]),
        (18, AssignedClientIdentifier, PropertyType.Utf8String, [ConnAck]),
        (19, ServerKeepAlive, PropertyType.TwoByteInteger, [ConnAck]),
        (21, AuthenticationMethod, PropertyType.Utf8String, [Connect, ConnAck, Auth]),
        (22, AuthenticationData, PropertyType.BinaryData, [Connect, ConnAck, Auth]),
        (23, RequestProblemInformation, PropertyType.Byte, [Connect]),
        (24, WillDelayInterval, PropertyType.FourByteInteger, [Will]),
        (25, RequestResponseInformation, PropertyType.Byte, [Connect]),
        (26, ResponseInformation, PropertyType.Utf8String, [ConnAck]),
        (28, ServerReference, PropertyType.Utf8String, [ConnAck, Disconnect]),
        (31, ReasonString, PropertyType.Utf8String, [ConnAck, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, Disconnect, Auth]),
        (33, ReceiveMaximum, PropertyType.TwoByteInteger, [Connect, ConnAck]),
        (34, TopicAliasMaximum, PropertyType.TwoByteInteger, [Connect, ConnAck]),
        (35, TopicAlias, PropertyType.TwoByteInteger, [Publish]),
        (36, MaximumQoS, PropertyType.Byte, [ConnAck]),
        (37, RetainAvailable, PropertyType.Byte, [ConnAck]),
        (38, PropertyId.UserProperty, PropertyType.Utf8StringPair, Everywhere),
        (39, MaximumPacketSize, PropertyType.FourByteInteger, [Connect, ConnAck]),
        (40, WildcardSubscriptionAvailable, PropertyType.Byte, [ConnAck]),
        (41, SubscriptionIdentifierAvailable, PropertyType.Byte, [ConnAck]),
        (42, SharedSubscriptionAvailable, PropertyType.Byte, [ConnAck]),
    ];

    [TestMethod]
    public void Table_EveryIdentifier_HasTheTypeOfTheSpecification()
    {
        for (int identifier = 0; identifier <= byte.MaxValue; identifier++)
        {
            PropertyType expected = Table.FirstOrDefault(row => row.Identifier == identifier).Type;
            Assert.AreEqual(expected, PropertyRules.GetType((PropertyId)identifier), identifier.ToString());
        }

        foreach ((byte identifier, PropertyId name, _, _) in Table)
            Assert.AreEqual(identifier, (byte)name);
    }

    [TestMethod]
    public void Table_EveryPropertyInEveryPacket_IsAllowedExactlyWhereItBelongs()
    {
        foreach ((_, PropertyId id, _, PropertyOwner[] owners) in Table)
        {
            byte[] encoded = Encode(id);
            foreach (PropertyOwner owner in Everywhere)
            {
                byte[] properties = id == AuthenticationData && owners.Contains(owner) ? [.. Encode(AuthenticationMethod), .. encoded] : encoded;
                bool isAllowed = owners.Contains(owner);
                Assert.AreEqual(isAllowed, PropertyRules.IsAllowed(id, owner), $"{id} in {owner}");
                Assert.AreEqual(isAllowed, PropertyRules.Check(properties, owner, out PropertySet present, out MalformedReason reason), $"{id} in {owner}");
                Assert.AreEqual(isAllowed ? MalformedReason.None : MalformedReason.PropertyNotInPacket, reason);
                Assert.IsTrue(!isAllowed || present.Contains(id));
            }
        }
    }

    [TestMethod]
    public void Table_EveryPropertyTwice_IsAllowedOnlyWhereTheSpecificationSays()
    {
        foreach ((_, PropertyId id, _, PropertyOwner[] owners) in Table)
        {
            byte[] method = id == AuthenticationData ? Encode(AuthenticationMethod) : [];
            byte[] twice = [.. method, .. Encode(id), .. Encode(id)];
            foreach (PropertyOwner owner in owners)
            {
                bool isAllowed = id == PropertyId.UserProperty || (id == SubscriptionIdentifier && owner == Publish);
                Assert.AreEqual(isAllowed, PropertyRules.IsRepeatable(id, owner), $"{id} in {owner}");
                Assert.AreEqual(isAllowed, PropertyRules.Check(twice, owner, out _, out MalformedReason reason), $"{id} in {owner}");
                Assert.AreEqual(isAllowed ? MalformedReason.None : MalformedReason.DuplicateProperty, reason);
            }
        }
    }

    [TestMethod]
    public void Bytes_OtherThanZeroAndOne_AreRefused()
    {
        foreach ((_, PropertyId id, PropertyType type, PropertyOwner[] owners) in Table)
        {
            if (type != PropertyType.Byte)
                continue;
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                bool isAllowed = PropertyRules.Check([(byte)id, (byte)value], owners[0], out _, out MalformedReason reason);
                Assert.AreEqual(value <= 1, isAllowed, $"{id} = {value}");
                Assert.AreEqual(value <= 1 ? MalformedReason.None : MalformedReason.PropertyValueOutOfRange, reason);
            }
        }
    }

    [TestMethod]
    public void None_IsSound()
    {
        Assert.IsTrue(PropertyRules.Check(default, Publish, out PropertySet present, out MalformedReason reason));
        Assert.IsTrue(present.IsEmpty);
        Assert.AreEqual(MalformedReason.None, reason);
    }

    [TestMethod]
    public void Everything_CutShort_IsRefusedAndNeverThrows()
    {
        foreach ((_, PropertyId id, _, PropertyOwner[] owners) in Table)
        {
            byte[] encoded = Encode(id);
            for (int length = 1; length < encoded.Length; length++)
            {
                Assert.IsFalse(PropertyRules.Check(encoded.AsSpan(0, length), owners[0], out _, out MalformedReason reason), $"{id} at {length}");
                Assert.AreEqual(MalformedReason.BodyTooShort, reason, $"{id} at {length}");
            }
        }
    }

    private static byte[] Encode(PropertyId id)
    {
        var writer = new PropertyWriter();
        switch (PropertyRules.GetType(id))
        {
            case PropertyType.Utf8String: writer.Add(id, "x"); break;
            case PropertyType.BinaryData: writer.Add(id, [1, 2]); break;
            case PropertyType.Utf8StringPair: writer.Add(new UserProperty("k", "v")); break;
            default: writer.Add(id, 1); break;
        }

        return writer.Written.ToArray();
    }
}
