using static DeviceMqtt.Protocol.PacketType;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Table 2-6 of 5.0, written down a second time; and the code each malformed packet is answered with (1.2, 4.13).</summary>
[TestClass]
public sealed class ReasonCodeTests
{
    private static readonly (byte Code, string Name, PacketType[] Packets)[] Table =
    [
        (0x00, "Success", [ConnAck, PubAck, PubRec, PubRel, PubComp, UnsubAck, Auth, Disconnect, SubAck]),
        (0x01, "GrantedQoS1", [SubAck]),
        (0x02, "GrantedQoS2", [SubAck]),
        (0x04, "DisconnectWithWillMessage", [Disconnect]),
        (0x10, "NoMatchingSubscribers", [PubAck, PubRec]),
        (0x11, "NoSubscriptionExisted", [UnsubAck]),
        (0x18, "ContinueAuthentication", [Auth]),
        (0x19, "Reauthenticate", [Auth]),
        (0x80, "UnspecifiedError", [ConnAck, PubAck, PubRec, SubAck, UnsubAck, Disconnect]),
        (0x81, "MalformedPacket", [ConnAck, Disconnect]),
        (0x82, "ProtocolError", [ConnAck, Disconnect]),
        (0x83, "ImplementationSpecificError", [ConnAck, PubAck, PubRec, SubAck, UnsubAck, Disconnect]),
        (0x84, "UnsupportedProtocolVersion", [ConnAck]),
        (0x85, "ClientIdentifierNotValid", [ConnAck]),
        (0x86, "BadUserNameOrPassword", [ConnAck]),
        (0x87, "NotAuthorized", [ConnAck, PubAck, PubRec, SubAck, UnsubAck, Disconnect]),
        (0x88, "ServerUnavailable", [ConnAck]),
        (0x89, "ServerBusy", [ConnAck, Disconnect]),
        (0x8A, "Banned", [ConnAck]),
        (0x8B, "ServerShuttingDown", [Disconnect]),
        (0x8C, "BadAuthenticationMethod", [ConnAck, Disconnect]),
        (0x8D, "KeepAliveTimeout", [Disconnect]),
        (0x8E, "SessionTakenOver", [Disconnect]),
        (0x8F, "TopicFilterInvalid", [SubAck, UnsubAck, Disconnect]),
        (0x90, "TopicNameInvalid", [ConnAck, PubAck, PubRec, Disconnect]),
        (0x91, "PacketIdentifierInUse", [PubAck, PubRec, SubAck, UnsubAck]),
        (0x92, "PacketIdentifierNotFound", [PubRel, PubComp]),
        (0x93, "ReceiveMaximumExceeded", [Disconnect]),
        (0x94, "TopicAliasInvalid", [Disconnect]),
        (0x95, "PacketTooLarge", [ConnAck, Disconnect]),
        (0x96, "MessageRateTooHigh", [Disconnect]),
        (0x97, "QuotaExceeded", [ConnAck, PubAck, PubRec, SubAck, Disconnect]),
        (0x98, "AdministrativeAction", [Disconnect]),
        (0x99, "PayloadFormatInvalid", [ConnAck, PubAck, PubRec, Disconnect]),
        (0x9A, "RetainNotSupported", [ConnAck, Disconnect]),
        (0x9B, "QoSNotSupported", [ConnAck, Disconnect]),
        (0x9C, "UseAnotherServer", [ConnAck, Disconnect]),
        (0x9D, "ServerMoved", [ConnAck, Disconnect]),
        (0x9E, "SharedSubscriptionsNotSupported", [SubAck, Disconnect]),
        (0x9F, "ConnectionRateExceeded", [ConnAck, Disconnect]),
        (0xA0, "MaximumConnectTime", [Disconnect]),
        (0xA1, "SubscriptionIdentifiersNotSupported", [SubAck, Disconnect]),
        (0xA2, "WildcardSubscriptionsNotSupported", [SubAck, Disconnect]),
    ];

    [TestMethod]
    public void Table_EveryCode_HasItsNameAndNoOtherExists()
    {
        CollectionAssert.AreEqual(
            Table.Select(row => $"{row.Code:X2} {row.Name}").ToArray(),
            Enum.GetValues<ReasonCode>().Select(code => $"{(byte)code:X2} {code}").ToArray());
    }

    [TestMethod]
    public void Table_EveryCodeInEveryPacket_IsAllowedExactlyWhereItBelongs()
    {
        for (int code = 0; code <= byte.MaxValue; code++)
        {
            PacketType[] allowed = Table.FirstOrDefault(row => row.Code == code).Packets ?? [];
            foreach (PacketType type in new[] { ConnAck, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, Disconnect, Auth })
            {
                string packet = type switch
                {
                    ConnAck => $"20 03 00 {code:X2} 00",
                    PubRel => $"62 03 00 01 {code:X2}",
                    SubAck or UnsubAck => $"{(int)type:X}0 04 00 01 00 {code:X2}",
                    Disconnect => $"E0 01 {code:X2}",
                    Auth => $"F0 : {code:X2} 04 15 <m>",
                    _ => $"{(int)type:X}0 03 00 01 {code:X2}",
                };
                bool decoded = Wire.Decode(packet, ProtocolVersion.V5, out MalformedReason reason) is not null;
                Assert.AreEqual(allowed.Contains(type), decoded, $"{code:X2} in {type}");
                Assert.AreEqual(decoded ? MalformedReason.None : MalformedReason.ReasonCodeInvalid, reason);
            }
        }
    }

    [TestMethod]
    [DataRow(MalformedReason.None, ReasonCode.Success)]
    [DataRow(MalformedReason.UnknownPacketType, ReasonCode.MalformedPacket)]
    [DataRow(MalformedReason.RemainingLengthTooLong, ReasonCode.MalformedPacket)]
    [DataRow(MalformedReason.RemainingLengthNotMinimal, ReasonCode.MalformedPacket)]
    [DataRow(MalformedReason.PacketTooLarge, ReasonCode.PacketTooLarge)] // [MQTT-3.1.2-24], 4.13
    [DataRow(MalformedReason.ReservedFlags, ReasonCode.MalformedPacket)] // [MQTT-2.1.3-1]
    [DataRow(MalformedReason.BodyTooShort, ReasonCode.MalformedPacket)]
    [DataRow(MalformedReason.Utf8Invalid, ReasonCode.MalformedPacket)] // 1.5.4
    [DataRow(MalformedReason.Utf8NullCharacter, ReasonCode.MalformedPacket)]
    [DataRow(MalformedReason.PacketIdZero, ReasonCode.ProtocolError)]
    [DataRow(MalformedReason.QoS3, ReasonCode.MalformedPacket)] // [MQTT-3.3.1-4]
    [DataRow(MalformedReason.TopicNameEmpty, ReasonCode.ProtocolError)] // 3.3.2.1
    [DataRow(MalformedReason.TopicNameHasWildcard, ReasonCode.TopicNameInvalid)]
    [DataRow(MalformedReason.TopicAliasZero, ReasonCode.TopicAliasInvalid)] // 3.3.2.3.4
    [DataRow(MalformedReason.ProtocolLevelUnsupported, ReasonCode.UnsupportedProtocolVersion)] // [MQTT-3.1.2-2]
    [DataRow(MalformedReason.ConnectFlagsReserved, ReasonCode.MalformedPacket)] // [MQTT-3.1.2-3]
    [DataRow(MalformedReason.NoTopicFilter, ReasonCode.ProtocolError)] // [MQTT-3.8.3-2]
    [DataRow(MalformedReason.TopicFilterWildcardMisplaced, ReasonCode.TopicFilterInvalid)]
    [DataRow(MalformedReason.SubscriptionOptionsReserved, ReasonCode.MalformedPacket)] // [MQTT-3.8.3-5]
    [DataRow(MalformedReason.RetainHandling3, ReasonCode.ProtocolError)] // 3.8.3.1
    [DataRow(MalformedReason.NoLocalOnSharedSubscription, ReasonCode.ProtocolError)] // [MQTT-3.8.3-4]
    [DataRow(MalformedReason.SubscriptionQoS3, ReasonCode.ProtocolError)] // 3.8.3.1
    [DataRow(MalformedReason.UnknownProperty, ReasonCode.MalformedPacket)] // 2.2.2.2
    [DataRow(MalformedReason.PropertyNotInPacket, ReasonCode.MalformedPacket)] // 2.2.2.2
    [DataRow(MalformedReason.DuplicateProperty, ReasonCode.ProtocolError)]
    [DataRow(MalformedReason.PropertyValueOutOfRange, ReasonCode.ProtocolError)]
    [DataRow(MalformedReason.ReceiveMaximumZero, ReasonCode.ProtocolError)]
    [DataRow(MalformedReason.MaximumPacketSizeZero, ReasonCode.ProtocolError)]
    [DataRow(MalformedReason.SubscriptionIdentifierZero, ReasonCode.ProtocolError)]
    [DataRow(MalformedReason.ResponseTopicHasWildcard, ReasonCode.ProtocolError)]
    [DataRow(MalformedReason.AuthenticationDataWithoutMethod, ReasonCode.ProtocolError)] // 3.1.2.11.10
    public void Malformed_AnsweredWith_TheCodeTheSpecificationNames(MalformedReason reason, ReasonCode expected) =>
        Assert.AreEqual(expected, reason.ToReasonCode());

    [TestMethod]
    public void Malformed_EveryReason_IsAnsweredWithACodeThatDisconnectOrConnAckMayCarry()
    {
        foreach (MalformedReason reason in Enum.GetValues<MalformedReason>().Except([MalformedReason.None]))
        {
            PacketType[] packets = Table.First(row => row.Code == (byte)reason.ToReasonCode()).Packets;
            Assert.IsTrue(packets.Contains(Disconnect) || packets.Contains(ConnAck), reason.ToString());
        }
    }
}
