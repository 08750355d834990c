using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>
/// An Application Message on disk.
/// <code>
/// +------+-------+-------------+------------------+-------+------------+---------+
/// | kind | flags | accepted at | expires after ms | topic | properties | payload |
/// | 1    | 1     | number      | number, 0: never |  number and bytes each       |
/// +------+-------+-------------+------------------+-------+------------+---------+
/// flags: bits 0-1 QoS, 2 RETAIN, 3 P2P, 4-5 origin
/// </code>
/// Times are wall time, the only one that goes on while the gateway is off.
/// </summary>
internal static class MessageRecord
{
    private const byte RetainBit = 0x04;
    private const byte P2PBit = 0x08;
    private const int OriginShift = 4;

    public static void Write(RecordWriter record, Message message, WallClock clock)
    {
        int flags = (int)message.QoS | (message.Retain ? RetainBit : 0) | (message.IsP2P ? P2PBit : 0) | ((int)message.Origin << OriginShift);
        record.Start(RecordKind.Message)
            .Add((byte)flags)
            .Add(clock.ToUnixMs(message.AcceptedMs))
            .Add(message.ExpiresMs == long.MaxValue ? 0 : Math.Max(1, message.ExpiresMs - message.AcceptedMs))
            .Add(message.TopicUtf8)
            .Add(message.Properties)
            .Add(message.Payload);
    }

    /// <exception cref="InvalidDataException">The record is of another kind or cut.</exception>
    public static Message Read(ReadOnlySpan<byte> bytes, long position, WallClock clock)
    {
        RecordReader record = new(bytes);
        if (record.ReadKind() != RecordKind.Message)
            throw new InvalidDataException($"record {position} is no message");
        int flags = record.ReadByte();
        long acceptedMs = clock.ToMonotonicMs(record.ReadNumber());
        long lifetimeMs = record.ReadNumber();
        byte[] topic = record.ReadBytes().ToArray();
        return new Message
        {
            Topic = Encoding.UTF8.GetString(topic),
            TopicUtf8 = topic,
            Properties = record.ReadBytes().ToArray(),
            Payload = record.ReadBytes().ToArray(),
            QoS = (QoS)(flags & 3),
            Retain = (flags & RetainBit) != 0,
            IsP2P = (flags & P2PBit) != 0,
            Origin = (Origin)((flags >> OriginShift) & 3),
            AcceptedMs = acceptedMs,
            ExpiresMs = lifetimeMs == 0 ? long.MaxValue : acceptedMs + lifetimeMs,
            Position = position,
        };
    }
}
