using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>A Topic Filter of a Session, with its options.</summary>
internal readonly record struct SubscriptionRecord(string ClientId, string Filter, QoS QoS, bool NoLocal, bool RetainAsPublished, uint Identifier)
{
    private const byte NoLocalBit = 0x04;
    private const byte RetainAsPublishedBit = 0x08;

    public static SubscriptionRecord Of(Subscription s) => new(s.Subscriber.ClientId, s.Filter.Value, s.QoS, s.NoLocal, s.RetainAsPublished, s.Identifier);

    public void Write(RecordWriter record)
    {
        int flags = (int)QoS | (NoLocal ? NoLocalBit : 0) | (RetainAsPublished ? RetainAsPublishedBit : 0);
        record.Start(RecordKind.Subscribed).Add(ClientId).Add(Filter).Add((byte)flags).Add((long)Identifier);
    }

    public static SubscriptionRecord Read(ref RecordReader record)
    {
        string clientId = record.ReadText();
        string filter = record.ReadText();
        byte flags = record.ReadByte();
        return new SubscriptionRecord(clientId, filter, (QoS)(flags & 3), (flags & NoLocalBit) != 0, (flags & RetainAsPublishedBit) != 0, (uint)record.ReadNumber());
    }
}
