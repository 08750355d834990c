namespace DeviceMqtt.Protocol;

/// <summary>
/// Every distinct thing a peer can do wrong that can be seen in one packet alone. The values are not on the wire: they are metric tags and
/// log fields, so new ones are appended.
/// </summary>
public enum MalformedReason : byte
{
    None = 0,

    // The fixed header
    UnknownPacketType = 1,
    RemainingLengthTooLong = 2,
    RemainingLengthNotMinimal = 3,
    PacketTooLarge = 4,
    ReservedFlags = 5,
    UnexpectedPacketType = 6,
    PacketNotInVersion = 7,

    // Any body
    BodyTooShort = 20,
    BodyTooLong = 21,
    VariableByteIntegerTooLong = 22,
    VariableByteIntegerNotMinimal = 23,
    Utf8Invalid = 24,
    Utf8NullCharacter = 25,
    PacketIdZero = 26,
    ReasonCodeInvalid = 27,
    StringTooLong = 28,

    // PUBLISH
    QoS3 = 40,
    DupWithQoS0 = 41,
    TopicNameEmpty = 42,
    TopicNameHasWildcard = 43,
    TopicAliasZero = 44,

    // CONNECT and CONNACK
    ProtocolNameUnknown = 60,
    ProtocolLevelUnsupported = 61,
    ConnectFlagsReserved = 62,
    WillFlagsWithoutWill = 63,
    WillQoS3 = 64,
    PasswordWithoutUserName = 65,
    NanoFrameworkWillDefect = 66,
    ConnAckFlagsReserved = 67,
    SessionPresentWithError = 68,

    // SUBSCRIBE and UNSUBSCRIBE
    NoTopicFilter = 80,
    TopicFilterEmpty = 81,
    TopicFilterWildcardMisplaced = 82,
    SharedSubscriptionInvalid = 83,
    SubscriptionOptionsReserved = 84,
    RetainHandling3 = 85,
    NoLocalOnSharedSubscription = 86,
    SubscriptionQoS3 = 87,

    // Properties of 5.0
    UnknownProperty = 100,
    PropertyNotInPacket = 101,
    DuplicateProperty = 102,
    PropertyValueOutOfRange = 103,
    ReceiveMaximumZero = 104,
    MaximumPacketSizeZero = 105,
    SubscriptionIdentifierZero = 106,
    ResponseTopicHasWildcard = 107,
    AuthenticationDataWithoutMethod = 108,
    AuthenticationMethodMissing = 109,
    ResponseTopicEmpty = 110,
}
