using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>A Topic Filter of a Session, with its options.</summary>
/// <param name="ClientId">Of the Session.</param>
/// <param name="Filter">The filter.</param>
/// <param name="QoS">The most at which its messages come.</param>
/// <param name="NoLocal">Not what the client publishes itself.</param>
/// <param name="RetainAsPublished">With the RETAIN bit of the publisher.</param>
/// <param name="Identifier">5.0 Subscription Identifier; 0 for none.</param>
/// <param name="OwedUpTo">It is owed the retained messages up to this number; null where it asks for none, and leaves owed what was owed before.</param>
internal readonly record struct SubscriptionRecord(string ClientId, string Filter, QoS QoS, bool NoLocal, bool RetainAsPublished, uint Identifier, long? OwedUpTo)
{
    private const byte NoLocalBit = 0x04;
    private const byte RetainAsPublishedBit = 0x08;
    private const byte OwesBit = 0x10;

    public static SubscriptionRecord Of(Subscription s, long? owedUpTo) =>
        new(s.Subscriber.ClientId, s.Filter.Value, s.QoS, s.NoLocal, s.RetainAsPublished, s.Identifier, owedUpTo);

    public RecordWriter Write(RecordWriter record)
    {
        int flags = (int)QoS | (NoLocal ? NoLocalBit : 0) | (RetainAsPublished ? RetainAsPublishedBit : 0) | (OwedUpTo is null ? 0 : OwesBit);
        record.Start(RecordKind.Subscribed).Add(ClientId).Add(Filter).Add((byte)flags).Add((long)Identifier);
        return OwedUpTo is { } number ? record.Add(number) : record;
    }

    public static SubscriptionRecord Read(ref RecordReader record)
    {
        string clientId = record.ReadText();
        string filter = record.ReadText();
        byte flags = record.ReadByte();
        uint identifier = (uint)record.ReadNumber();
        long? owedUpTo = (flags & OwesBit) != 0 ? record.ReadNumber() : null;
        return new SubscriptionRecord(clientId, filter, (QoS)(flags & 3), (flags & NoLocalBit) != 0, (flags & RetainAsPublishedBit) != 0, identifier, owedUpTo);
    }
}
