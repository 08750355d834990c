using System.Buffers;
using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Arriving;

/// <summary>
/// The beginning of a PUBLISH that is larger than the gateway takes. A broker before 5.0 cannot be told how much that is, and
/// sends it again on every connection until it is acknowledged: so it is, and its bytes are passed over.
/// </summary>
/// <param name="Bytes">Of the whole packet.</param>
/// <param name="QoS">At 0 nothing is owed.</param>
/// <param name="PacketId">0 with QoS 0.</param>
/// <param name="Topic">For the log.</param>
internal readonly record struct OversizedPublish(long Bytes, QoS QoS, ushort PacketId, string Topic)
{
    /// <summary>Reads it from what has arrived.</summary>
    /// <param name="packet">From its first byte on.</param>
    /// <param name="bytes">Of the whole packet.</param>
    /// <param name="publish">Set when the result is <see cref="DecodeStatus.Packet"/>.</param>
    public static DecodeStatus TryRead(in ReadOnlySequence<byte> packet, long bytes, out OversizedPublish publish)
    {
        publish = default;
        SequenceReader<byte> reader = new(packet);
        if (!reader.TryRead(out byte first) || first >> 4 != (int)PacketType.Publish)
            return DecodeStatus.Malformed;
        byte length;
        do
        {
            if (!reader.TryRead(out length))
                return DecodeStatus.NeedMore;
        }
        while (length >= 0x80);

        QoS qos = (QoS)(first >> 1 & 3);
        if (!reader.TryReadBigEndian(out short topicBytes) || !reader.TryReadExact((ushort)topicBytes, out ReadOnlySequence<byte> topic))
            return DecodeStatus.NeedMore;
        short packetId = 0;
        if (qos != QoS.AtMostOnce && !reader.TryReadBigEndian(out packetId))
            return DecodeStatus.NeedMore;
        publish = new OversizedPublish(bytes, qos, (ushort)packetId, Encoding.UTF8.GetString(topic));
        return DecodeStatus.Packet;
    }
}
