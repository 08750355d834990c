using static DeviceMqtt.Protocol.MalformedReason;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Packets that are wrong in one way each: the bytes, the version they are read as, and the reason.</summary>
internal static class MalformedPackets
{
    public static IEnumerable<object[]> Rows =>
        OfTheHeader.Concat(OfConnect).Concat(OfPublish).Concat(OfSubscriptions).Concat(OfAnswers).Concat(OfProperties)
            .Select(row => new object[] { row.Packet, row.Version, row.Reason });

    private static (string Packet, ProtocolVersion Version, MalformedReason Reason)[] OfTheHeader =>
    [
        ("11 : <MQTT> 04 02 00 3C <a>", V311, ReservedFlags),
        ("12 : <MQTT> 05 02 00 3C 00 <a>", V5, ReservedFlags),
        ("21 02 00 00", V311, ReservedFlags),
        ("42 02 00 01", V311, ReservedFlags),
        ("51 02 00 01", V5, ReservedFlags),
        ("60 02 00 01", V311, ReservedFlags), // PUBREL needs bit 1 [MQTT-3.6.1-1]
        ("6A 02 00 01", V5, ReservedFlags), // no DUP since 3.1.1
        ("71 02 00 01", V311, ReservedFlags),
        ("80 : 00 01 <a> 00", V311, ReservedFlags), // SUBSCRIBE too [MQTT-3.8.1-1]
        ("83 : 00 01 <a> 00", V311, ReservedFlags),
        ("91 : 00 01 00", V311, ReservedFlags),
        ("A0 : 00 01 <a>", V311, ReservedFlags), // and UNSUBSCRIBE [MQTT-3.10.1-1]
        ("B2 02 00 01", V311, ReservedFlags),
        ("C1 00", V311, ReservedFlags),
        ("D8 00", V5, ReservedFlags),
        ("E1 00", V311, ReservedFlags), // [MQTT-3.14.1-1]
        ("F1 00", V5, ReservedFlags), // [MQTT-3.15.1-1]
        ("C0 80 00", V5, RemainingLengthNotMinimal), // [MQTT-1.5.5-1]
        ("40 82 00 00 01", V5, RemainingLengthNotMinimal),
        ("F0 00", V311, PacketNotInVersion),
        ("C0 01 00", V311, BodyTooLong),
        ("D0 01 00", V5, BodyTooLong),
    ];

    private static (string Packet, ProtocolVersion Version, MalformedReason Reason)[] OfConnect =>
    [
        ("10 00", V311, BodyTooShort),
        ("10 : 00 04 'MQT'", V311, BodyTooShort),
        ("10 : <MQTT>", V311, BodyTooShort),
        ("10 : <MQTT> 04", V311, BodyTooShort),
        ("10 : <MQTT> 04 02 00", V311, BodyTooShort),
        ("10 : <MQTT> 04 02 00 3C", V311, BodyTooShort),
        ("10 : <MQTT> 04 02 00 3C 00 02 'a'", V311, BodyTooShort),
        ("10 : <MQTT> 04 02 00 3C <a> 00", V311, BodyTooLong),
        ("10 : <MQTT> 04 02 00 3C <a> <u> <p>", V311, BodyTooLong), // without the flags for them
        ("10 : <MQTT> 04 C2 00 3C <a> <u>", V311, BodyTooShort), // only 3.1 lets the password be missing
        ("10 : <MQIsdp> 03 C2 00 3C <a> <u> <p> 00", V31, BodyTooLong),
        ("10 : <mqtt> 04 02 00 3C <a>", V311, ProtocolNameUnknown), // [MQTT-3.1.2-1]
        ("10 : <> 04 02 00 3C <a>", V311, ProtocolNameUnknown),
        ("10 : <HTTP> 04", V311, ProtocolNameUnknown),
        ("10 : <MQTT> 00", V311, ProtocolLevelUnsupported),
        ("10 : <MQTT> 06 02 00 3C <a>", V311, ProtocolLevelUnsupported),
        ("10 : <MQIsdp> 05 02 00 3C <a>", V311, ProtocolLevelUnsupported),
        ("10 : <MQTT> 04 03 00 3C <a>", V311, ConnectFlagsReserved), // [MQTT-3.1.2-3]
        ("10 : <MQTT> 05 03 00 3C 00 <a>", V5, ConnectFlagsReserved),
        ("10 : <MQTT> 04 0A 00 3C <a>", V311, WillFlagsWithoutWill), // [MQTT-3.1.2-13] of 3.1.1
        ("10 : <MQTT> 04 22 00 3C <a>", V311, WillFlagsWithoutWill), // [MQTT-3.1.2-15] of 3.1.1
        ("10 : <MQTT> 05 1A 00 3C 00 <a>", V5, WillFlagsWithoutWill),
        ("10 : <MQTT> 04 1E 00 3C <a> <w> <x>", V311, WillQoS3), // [MQTT-3.1.2-14] of 3.1.1
        ("10 : <MQIsdp> 03 1E 00 3C <a> <w> <x>", V31, WillQoS3),
        ("10 : <MQTT> 04 42 00 3C <a> <p>", V311, PasswordWithoutUserName), // [MQTT-3.1.2-22] of 3.1.1
        ("10 : <MQTT> 04 02 00 3C 00 01 FF", V311, Utf8Invalid),
        ("10 : <MQTT> 04 02 00 3C 00 01 00", V311, Utf8NullCharacter),
        ("10 : <MQTT> 04 82 00 3C <a> 00 02 C3 28", V311, Utf8Invalid),
        ("10 : <MQTT> 04 06 00 3C <a> <> <x>", V311, TopicNameEmpty),
        ("10 : <MQTT> 04 06 00 3C <a> <w/#> <x>", V311, TopicNameHasWildcard),
        ("10 : <MQTT> 05 06 00 3C 00 <a> 00 <w/+> <x>", V5, TopicNameHasWildcard),
        ("10 : <MQTT> 04 06 00 3C <a> 00 02 'w' 00 <x>", V311, Utf8NullCharacter),
        ("10 : <MQTT> 04 06 00 3C <a> <w>", V311, BodyTooShort),
    ];

    private static (string Packet, ProtocolVersion Version, MalformedReason Reason)[] OfPublish =>
    [
        ("36 : <t> 00 01", V311, QoS3), // [MQTT-3.3.1-4]
        ("3F : <t> 00 01", V5, QoS3),
        ("38 : <t>", V311, DupWithQoS0), // [MQTT-3.3.1-2]
        ("39 : <t>", V5, DupWithQoS0),
        ("30 00", V311, BodyTooShort),
        ("30 : 00 02 't'", V311, BodyTooShort),
        ("32 : <t>", V311, BodyTooShort),
        ("32 : <t> 01", V311, BodyTooShort),
        ("32 : <t> 00 00 'x'", V311, PacketIdZero), // [MQTT-2.3.1-1] of 3.1.1
        ("34 : <t> 00 00 00", V5, PacketIdZero), // [MQTT-2.2.1-3]
        ("30 : <> 'x'", V311, TopicNameEmpty), // [MQTT-4.7.3-1]
        ("30 : <> 00 'x'", V5, TopicNameEmpty),
        ("30 : <> 02 01 01 'x'", V5, TopicNameEmpty),
        ("30 : <a/+/b>", V311, TopicNameHasWildcard), // [MQTT-3.3.2-2]
        ("30 : <#>", V5, BodyTooShort), // where 5.0 has a property length
        ("30 : <#> 00", V5, TopicNameHasWildcard),
        ("30 : <a#>", V31, TopicNameHasWildcard),
        ("30 : 00 02 'a' 00", V311, Utf8NullCharacter), // [MQTT-1.5.3-2] of 3.1.1
        ("30 : 00 03 ED A0 80", V311, Utf8Invalid), // U+D800 [MQTT-1.5.3-1] of 3.1.1
        ("30 : 00 02 C0 80", V311, Utf8Invalid), // U+0000, overlong
        ("30 : 00 02 C1 BF", V311, Utf8Invalid),
        ("30 : 00 04 F4 90 80 80", V311, Utf8Invalid), // above U+10FFFF
        ("30 : 00 01 80", V311, Utf8Invalid),
        ("30 : <t> 03 23 00 00 'x'", V5, TopicAliasZero), // [MQTT-3.3.2-8]
        ("30 : <> 03 23 00 00 'x'", V5, TopicAliasZero),
        ("30 : <t> 05 23 00 01", V5, BodyTooShort), // properties that end behind the packet
    ];

    private static (string Packet, ProtocolVersion Version, MalformedReason Reason)[] OfSubscriptions =>
    [
        ("82 02 00 01", V311, NoTopicFilter), // [MQTT-3.8.3-2]
        ("82 03 00 01 00", V5, NoTopicFilter),
        ("82 01 00", V311, BodyTooShort),
        ("82 : 00 00 <a> 00", V311, PacketIdZero),
        ("82 : 00 01 <a>", V311, BodyTooShort),
        ("82 : 00 01 <a> 00 00", V311, BodyTooShort),
        ("82 : 00 01 <a> 03", V311, SubscriptionQoS3), // [MQTT-3.8.3-4] of 3.1.1
        ("82 : 00 01 00 <a> 03", V5, SubscriptionQoS3),
        ("82 : 00 01 <a> 04", V311, SubscriptionOptionsReserved), // bits of 5.0 in 3.1.1
        ("82 : 00 01 <a> 80", V311, SubscriptionOptionsReserved),
        ("82 : 00 01 00 <a> 40", V5, SubscriptionOptionsReserved), // [MQTT-3.8.3-5]
        ("82 : 00 01 00 <a> 30", V5, RetainHandling3),
        ("82 : 00 01 00 <$share/g/a> 04", V5, NoLocalOnSharedSubscription), // [MQTT-3.8.3-4]
        ("82 : 00 01 <> 00", V311, TopicFilterEmpty),
        ("82 : 00 01 <a> 00 <a/#/b> 00", V311, TopicFilterWildcardMisplaced), // [MQTT-4.7.1-1]
        ("82 : 00 01 <a+> 00", V311, TopicFilterWildcardMisplaced), // [MQTT-4.7.1-2]
        ("82 : 00 01 00 <$share/g> 00", V5, SharedSubscriptionInvalid), // [MQTT-4.8.2-2]
        ("82 : 00 01 00 02 'a' FF 00", V311, Utf8Invalid),
        ("82 : 00 01 00 02 'a' 00 00", V311, Utf8NullCharacter),
        ("A2 02 00 01", V311, NoTopicFilter), // [MQTT-3.10.3-2]
        ("A2 03 00 01 00", V5, NoTopicFilter),
        ("A2 : 00 00 <a>", V311, PacketIdZero),
        ("A2 : 00 01 <a> 00", V311, BodyTooShort),
        ("A2 : 00 01 <>", V311, TopicFilterEmpty),
        ("A2 : 00 01 <#/a>", V311, TopicFilterWildcardMisplaced),
        ("A2 : 00 01 00 02 'a' FF", V311, Utf8Invalid),
    ];

    private static (string Packet, ProtocolVersion Version, MalformedReason Reason)[] OfAnswers =>
    [
        ("20 01 00", V311, BodyTooShort),
        ("20 03 00 00 00", V311, BodyTooLong),
        ("20 02 00 00", V5, BodyTooShort),
        ("20 02 02 00", V311, ConnAckFlagsReserved), // [MQTT-3.2.2-1]
        ("20 03 80 00 00", V5, ConnAckFlagsReserved),
        ("20 02 01 05", V311, SessionPresentWithError), // [MQTT-3.2.2-4] of 3.1.1
        ("20 03 01 87 00", V5, SessionPresentWithError), // [MQTT-3.2.2-6]
        ("20 02 00 06", V311, ReasonCodeInvalid),
        ("20 03 00 01 00", V5, ReasonCodeInvalid),
        ("40 02 00 00", V311, PacketIdZero),
        ("62 02 00 00", V5, PacketIdZero),
        ("40 01 00", V311, BodyTooShort),
        ("50 03 00 01 00", V311, BodyTooLong),
        ("50 : 00 01 00 00 00", V5, BodyTooLong),
        ("40 03 00 01 92", V5, ReasonCodeInvalid), // of PUBREL and PUBCOMP
        ("62 03 00 01 10", V5, ReasonCodeInvalid), // of PUBACK and PUBREC
        ("90 02 00 01", V311, BodyTooShort),
        ("90 03 00 01 03", V311, ReasonCodeInvalid), // [MQTT-3.9.3-2]
        ("90 03 00 01 87", V311, ReasonCodeInvalid), // of 5.0
        ("90 04 00 01 00 11", V5, ReasonCodeInvalid),
        ("90 03 00 00 00", V311, PacketIdZero),
        ("B0 03 00 01 00", V311, BodyTooLong),
        ("B0 03 00 01 00", V5, BodyTooShort),
        ("B0 04 00 01 00 01", V5, ReasonCodeInvalid),
        ("E0 01 00", V311, BodyTooLong),
        ("E0 01 01", V5, ReasonCodeInvalid),
        ("E0 03 00 00 00", V5, BodyTooLong),
        ("F0 01 04", V5, ReasonCodeInvalid),
        ("F0 01 18", V5, AuthenticationMethodMissing), // 3.15.2.2.2
        ("F0 : 18 04 1F <x>", V5, AuthenticationMethodMissing),
    ];

    private static (string Packet, ProtocolVersion Version, MalformedReason Reason)[] OfProperties =>
    [
        ("E0 : 00 02 7F 00", V5, UnknownProperty), // 2.2.2.2
        ("E0 : 00 02 00 00", V5, UnknownProperty),
        ("E0 : 00 02 9F 00", V5, UnknownProperty),
        ("E0 : 00 04 03 <x>", V5, PropertyNotInPacket), // Content Type in DISCONNECT
        ("30 : <t> 04 1F <x>", V5, PropertyNotInPacket), // Reason String in PUBLISH
        ("10 : <MQTT> 05 02 00 3C 05 18 00 00 00 01 <a>", V5, PropertyNotInPacket), // Will Delay outside the Will
        ("E0 : 00 08 1F <x> 1F <y>", V5, DuplicateProperty),
        ("30 : <t> 04 01 00 01 00", V5, DuplicateProperty),
        ("82 : 00 01 04 0B 01 0B 02 <a> 00", V5, DuplicateProperty), // once in SUBSCRIBE, any number in PUBLISH
        ("30 : <t> 02 01 02", V5, PropertyValueOutOfRange),
        ("10 : <MQTT> 05 02 00 3C 02 17 02 <a>", V5, PropertyValueOutOfRange), // 3.1.2.11.7
        ("10 : <MQTT> 05 02 00 3C 02 19 02 <a>", V5, PropertyValueOutOfRange), // 3.1.2.11.6
        ("20 : 00 00 02 24 02", V5, PropertyValueOutOfRange), // 3.2.2.3.4
        ("10 : <MQTT> 05 02 00 3C 03 21 00 00 <a>", V5, ReceiveMaximumZero), // 3.1.2.11.3
        ("20 : 00 00 03 21 00 00", V5, ReceiveMaximumZero),
        ("10 : <MQTT> 05 02 00 3C 05 27 00 00 00 00 <a>", V5, MaximumPacketSizeZero), // 3.1.2.11.4
        ("82 : 00 01 02 0B 00 <a> 00", V5, SubscriptionIdentifierZero), // 3.8.2.1.2
        ("30 : <t> 02 0B 00", V5, SubscriptionIdentifierZero),
        ("82 : 00 01 03 0B 81 00 <a> 00", V5, VariableByteIntegerNotMinimal), // [MQTT-1.5.5-1]
        ("82 : 00 01 06 0B FF FF FF FF 01 <a> 00", V5, VariableByteIntegerTooLong),
        ("30 : <t> 80 00", V5, VariableByteIntegerNotMinimal),
        ("30 : <t> FF FF FF FF 01", V5, VariableByteIntegerTooLong),
        ("30 : <t> 04 08 <#>", V5, ResponseTopicHasWildcard), // [MQTT-3.3.2-14]
        ("30 : <t> 03 08 <>", V5, ResponseTopicEmpty),
        ("10 : <MQTT> 05 02 00 3C 04 16 <x> <a>", V5, AuthenticationDataWithoutMethod), // 3.1.2.11.10
        ("F0 : 18 04 16 <x>", V5, AuthenticationDataWithoutMethod),
        ("E0 : 00 01 1F", V5, BodyTooShort),
        ("E0 : 00 03 1F 00 05", V5, BodyTooShort),
        ("E0 : 00 01 11", V5, BodyTooShort),
        ("E0 : 00 03 11 00 00", V5, BodyTooShort),
        ("E0 : 00 04 26 <k>", V5, BodyTooShort),
        ("E0 : 00 04 1F 00 01 FF", V5, Utf8Invalid),
        ("E0 : 00 04 1F 00 01 00", V5, Utf8NullCharacter),
        ("E0 : 00 07 26 <k> 00 01 00", V5, Utf8NullCharacter),
        ("30 : <t> 04 03 00 01 80", V5, Utf8Invalid),
    ];
}
