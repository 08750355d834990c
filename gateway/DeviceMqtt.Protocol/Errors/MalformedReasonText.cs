namespace DeviceMqtt.Protocol;

/// <summary>What to answer and what to log for each <see cref="MalformedReason"/>.</summary>
public static class MalformedReasonText
{
    /// <summary>
    /// The Reason Code that MQTT 5.0 names for the mistake (1.2 "Malformed Packet" and "Protocol Error", 4.13): in a CONNACK while
    /// connecting, in a DISCONNECT later.
    /// </summary>
    public static ReasonCode ToReasonCode(this MalformedReason reason) => reason switch
    {
        MalformedReason.None => ReasonCode.Success,
        MalformedReason.PacketTooLarge => ReasonCode.PacketTooLarge,
        MalformedReason.ProtocolNameUnknown or MalformedReason.ProtocolLevelUnsupported => ReasonCode.UnsupportedProtocolVersion,
        MalformedReason.TopicAliasZero => ReasonCode.TopicAliasInvalid,
        MalformedReason.TopicNameHasWildcard => ReasonCode.TopicNameInvalid,
        MalformedReason.TopicFilterEmpty or MalformedReason.TopicFilterWildcardMisplaced or MalformedReason.SharedSubscriptionInvalid
            => ReasonCode.TopicFilterInvalid,

        // Parsed well, but the content is not allowed: "Protocol Error". A property in the wrong packet is "Malformed Packet" (2.2.2.2).
        MalformedReason.UnexpectedPacketType or MalformedReason.PacketNotInVersion or MalformedReason.PacketIdZero
            or MalformedReason.ReasonCodeInvalid or MalformedReason.TopicNameEmpty or MalformedReason.SessionPresentWithError
            or MalformedReason.NoTopicFilter or MalformedReason.RetainHandling3 or MalformedReason.NoLocalOnSharedSubscription
            or MalformedReason.SubscriptionQoS3 or MalformedReason.DuplicateProperty or MalformedReason.PropertyValueOutOfRange
            or MalformedReason.ReceiveMaximumZero or MalformedReason.MaximumPacketSizeZero or MalformedReason.SubscriptionIdentifierZero
            or MalformedReason.ResponseTopicHasWildcard or MalformedReason.ResponseTopicEmpty
            or MalformedReason.AuthenticationDataWithoutMethod or MalformedReason.AuthenticationMethodMissing => ReasonCode.ProtocolError,
        _ => ReasonCode.MalformedPacket,
    };

    /// <summary>One plain sentence for the log.</summary>
    public static string ToText(this MalformedReason reason) => reason switch
    {
        MalformedReason.None => "nothing is wrong",
        MalformedReason.UnknownPacketType => "packet type 0 is forbidden",
        MalformedReason.RemainingLengthTooLong => "the remaining length has more than four bytes",
        MalformedReason.RemainingLengthNotMinimal => "the remaining length is not in its shortest form",
        MalformedReason.PacketTooLarge => "the packet is larger than this connection may send",
        MalformedReason.ReservedFlags => "reserved flags of the fixed header are not as required",
        MalformedReason.UnexpectedPacketType => "the packet is of another type than expected here",
        MalformedReason.PacketNotInVersion => "the packet does not exist in this protocol version",
        MalformedReason.BodyTooShort => "the packet ends inside a field",
        MalformedReason.BodyTooLong => "there are surplus bytes behind the last field",
        MalformedReason.VariableByteIntegerTooLong => "a variable byte integer has more than four bytes",
        MalformedReason.VariableByteIntegerNotMinimal => "a variable byte integer is not in its shortest form",
        MalformedReason.Utf8Invalid => "a string is not well-formed UTF-8",
        MalformedReason.Utf8NullCharacter => "a string has the character U+0000",
        MalformedReason.PacketIdZero => "the Packet Identifier is 0",
        MalformedReason.ReasonCodeInvalid => "the packet may not carry this reason code",
        MalformedReason.StringTooLong => "a string has more than 65,535 bytes",
        MalformedReason.QoS3 => "the QoS is 3",
        MalformedReason.DupWithQoS0 => "DUP is set on a QoS 0 message",
        MalformedReason.TopicNameEmpty => "the Topic Name is empty",
        MalformedReason.TopicNameHasWildcard => "the Topic Name has a wildcard character",
        MalformedReason.TopicAliasZero => "the Topic Alias is 0",
        MalformedReason.ProtocolNameUnknown => "the protocol name is neither MQTT nor MQIsdp",
        MalformedReason.ProtocolLevelUnsupported => "the protocol level is not one of 3, 4 and 5",
        MalformedReason.ConnectFlagsReserved => "the reserved bit of the CONNECT flags is set",
        MalformedReason.WillFlagsWithoutWill => "Will QoS or Will Retain is set without a Will",
        MalformedReason.WillQoS3 => "the Will QoS is 3",
        MalformedReason.PasswordWithoutUserName => "there is a password but no user name",
        MalformedReason.NanoFrameworkWillDefect =>
            "a CONNECT with a Will as nanoFramework.M2Mqtt built it from 2024-04 to 2026-03: use a version of 2026-03-25 or later",
        MalformedReason.ConnAckFlagsReserved => "reserved bits of the CONNACK flags are set",
        MalformedReason.SessionPresentWithError => "Session Present is set in a CONNACK that refuses",
        MalformedReason.NoTopicFilter => "there is no Topic Filter in the packet",
        MalformedReason.TopicFilterEmpty => "a Topic Filter is empty",
        MalformedReason.TopicFilterWildcardMisplaced => "a wildcard of a Topic Filter is not alone in its level, or # is not last",
        MalformedReason.SharedSubscriptionInvalid => "a shared subscription is not of the form $share/name/filter",
        MalformedReason.SubscriptionOptionsReserved => "reserved bits of the Subscription Options are set",
        MalformedReason.RetainHandling3 => "the Retain Handling is 3",
        MalformedReason.NoLocalOnSharedSubscription => "No Local is set on a shared subscription",
        MalformedReason.SubscriptionQoS3 => "the QoS of a subscription is 3",
        MalformedReason.UnknownProperty => "a property is unknown",
        MalformedReason.PropertyNotInPacket => "a property does not belong in this packet",
        MalformedReason.DuplicateProperty => "a property stands there more than once",
        MalformedReason.PropertyValueOutOfRange => "the value of a property is out of its range",
        MalformedReason.ReceiveMaximumZero => "the Receive Maximum is 0",
        MalformedReason.MaximumPacketSizeZero => "the Maximum Packet Size is 0",
        MalformedReason.SubscriptionIdentifierZero => "the Subscription Identifier is 0",
        MalformedReason.ResponseTopicHasWildcard => "the Response Topic has a wildcard character",
        MalformedReason.ResponseTopicEmpty => "the Response Topic is empty",
        MalformedReason.AuthenticationDataWithoutMethod => "there is Authentication Data without an Authentication Method",
        MalformedReason.AuthenticationMethodMissing => "the AUTH packet names no Authentication Method",
        _ => "unknown reason " + ((byte)reason).ToString(),
    };
}
