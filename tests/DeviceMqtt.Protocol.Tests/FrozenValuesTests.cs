namespace DeviceMqtt.Protocol.Tests;

/// <summary>Values that are on the wire, or in logs and metrics of the field: a change of one is a break, and shows here.</summary>
[TestClass]
public sealed class FrozenValuesTests
{
    [TestMethod]
    [DataRow(typeof(ProtocolVersion), "3 V31, 4 V311, 5 V5")]
    [DataRow(typeof(PacketType), "1 Connect, 2 ConnAck, 3 Publish, 4 PubAck, 5 PubRec, 6 PubRel, 7 PubComp, 8 Subscribe, 9 SubAck, 10 Unsubscribe, "
        + "11 UnsubAck, 12 PingReq, 13 PingResp, 14 Disconnect, 15 Auth")]
    [DataRow(typeof(QoS), "0 AtMostOnce, 1 AtLeastOnce, 2 ExactlyOnce")]
    [DataRow(typeof(RetainHandling), "0 SendAtSubscribe, 1 SendIfNewSubscription, 2 DoNotSend")]
    [DataRow(typeof(ConnectReturnCode), "0 Accepted, 1 UnacceptableProtocolVersion, 2 IdentifierRejected, 3 ServerUnavailable, 4 BadUserNameOrPassword, "
        + "5 NotAuthorized")]
    [DataRow(typeof(PropertyOwner), "0 Will, 1 Connect, 2 ConnAck, 3 Publish, 4 PubAck, 5 PubRec, 6 PubRel, 7 PubComp, 8 Subscribe, 9 SubAck, "
        + "10 Unsubscribe, 11 UnsubAck, 14 Disconnect, 15 Auth")]
    [DataRow(typeof(MalformedReason), "0 None, 1 UnknownPacketType, 2 RemainingLengthTooLong, 3 RemainingLengthNotMinimal, 4 PacketTooLarge, "
        + "5 ReservedFlags, 6 UnexpectedPacketType, 7 PacketNotInVersion, 20 BodyTooShort, 21 BodyTooLong, 22 VariableByteIntegerTooLong, "
        + "23 VariableByteIntegerNotMinimal, 24 Utf8Invalid, 25 Utf8NullCharacter, 26 PacketIdZero, 27 ReasonCodeInvalid, 28 StringTooLong, 40 QoS3, "
        + "41 DupWithQoS0, 42 TopicNameEmpty, 43 TopicNameHasWildcard, 44 TopicAliasZero, 60 ProtocolNameUnknown, 61 ProtocolLevelUnsupported, "
        + "62 ConnectFlagsReserved, 63 WillFlagsWithoutWill, 64 WillQoS3, 65 PasswordWithoutUserName, 66 NanoFrameworkWillDefect, "
        + "67 ConnAckFlagsReserved, 68 SessionPresentWithError, 80 NoTopicFilter, 81 TopicFilterEmpty, 82 TopicFilterWildcardMisplaced, "
        + "83 SharedSubscriptionInvalid, 84 SubscriptionOptionsReserved, 85 RetainHandling3, 86 NoLocalOnSharedSubscription, 87 SubscriptionQoS3, 100 UnknownProperty, "
        + "101 PropertyNotInPacket, 102 DuplicateProperty, 103 PropertyValueOutOfRange, 104 ReceiveMaximumZero, 105 MaximumPacketSizeZero, "
        + "106 SubscriptionIdentifierZero, 107 ResponseTopicHasWildcard, 108 AuthenticationDataWithoutMethod, 109 AuthenticationMethodMissing, "
        + "110 ResponseTopicEmpty")]
    public void Enum_Values_AreFrozen(Type type, string expected) => Assert.AreEqual(
        expected, string.Join(", ", Enum.GetValues(type).Cast<object>().Select(value => $"{Convert.ToByte(value)} {value}")));
}
