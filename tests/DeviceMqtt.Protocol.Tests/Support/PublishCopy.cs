using System.Buffers;
using System.Text;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>A <see cref="PublishView"/> that outlives its frame.</summary>
internal sealed record PublishCopy
{
    public bool Dup { get; init; }

    public QoS QoS { get; init; }

    public bool Retain { get; init; }

    public ushort PacketId { get; init; }

    public byte[] TopicName { get; init; } = [];

    public byte[] Properties { get; init; } = [];

    public ushort TopicAlias { get; init; }

    public uint? MessageExpirySeconds { get; init; }

    public byte[] Payload { get; init; } = [];

    public string Topic => Encoding.UTF8.GetString(TopicName);

    public string Text => Encoding.UTF8.GetString(Payload);

    public static PublishCopy Of(in PublishView view) => new()
    {
        Dup = view.Dup,
        QoS = view.QoS,
        Retain = view.Retain,
        PacketId = view.PacketId,
        TopicName = view.TopicName.ToArray(),
        Properties = view.Properties.ToArray(),
        TopicAlias = view.TopicAlias,
        MessageExpirySeconds = view.MessageExpirySeconds,
        Payload = view.Payload.ToArray(),
    };

    public void Write(IBufferWriter<byte> writer, ProtocolVersion version) =>
        PublishPacket.Write(writer, version, TopicName, Properties, Payload, QoS, Retain, Dup, PacketId);
}
