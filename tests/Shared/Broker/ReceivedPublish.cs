using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>A PUBLISH that a test client got.</summary>
internal sealed class ReceivedPublish
{
    private ReceivedPublish(in PublishView view)
    {
        Topic = Encoding.UTF8.GetString(view.TopicName);
        PayloadBytes = view.Payload.ToArray();
        QoS = view.QoS;
        Retain = view.Retain;
        Dup = view.Dup;
        PacketId = view.PacketId;
        TopicAlias = view.TopicAlias;
        MessageExpirySeconds = view.MessageExpirySeconds;
        PropertyReader reader = new(view.Properties);
        while (reader.TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value2))
            Properties.Add((id, number, Encoding.UTF8.GetString(bytes) + (id == PropertyId.UserProperty ? "=" + Encoding.UTF8.GetString(value2) : "")));
    }

    public string Topic { get; }

    public byte[] PayloadBytes { get; }

    public string Payload => Encoding.UTF8.GetString(PayloadBytes);

    public (string Topic, string Payload) TopicAndPayload => (Topic, Payload);

    public QoS QoS { get; }

    public bool Retain { get; }

    public bool Dup { get; }

    public ushort PacketId { get; }

    public ushort TopicAlias { get; }

    public uint? MessageExpirySeconds { get; }

    /// <summary>In their order; strings as text, user properties as name=value.</summary>
    public List<(PropertyId Id, uint Number, string Text)> Properties { get; } = [];

    public uint[] SubscriptionIdentifiers => [.. Properties.Where(p => p.Id == PropertyId.SubscriptionIdentifier).Select(p => p.Number).Order()];

    public static ReceivedPublish From(ReceivedPacket packet, ProtocolVersion version) =>
        packet.As(PacketType.Publish, (in Frame frame, out ReceivedPublish? publish, out MalformedReason reason) =>
        {
            publish = PublishPacket.TryDecode(frame, version, out PublishView view, out reason) ? new ReceivedPublish(view) : null;
            return publish is not null;
        });

    public override string ToString() => $"{Topic} '{Payload}' {QoS} id {PacketId}{(Dup ? " DUP" : "")}{(Retain ? " RETAIN" : "")}";
}
