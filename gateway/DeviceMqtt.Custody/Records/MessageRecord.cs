using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>
/// An Application Message on disk.
/// <code>
/// +------+-------+-------------+--------------+------------------+-------+------------+---------+
/// | kind | flags | accepted at | running time | expires after ms | topic | properties | payload |
/// | 1    | 1     | number      | number       | number, 0: never |  number and bytes each       |
/// +------+-------+-------------+--------------+------------------+-------+------------+---------+
/// flags: bits 0-1 QoS, 2 RETAIN, 3 P2P, 4-5 origin, 6 there is a running time
/// </code>
/// It waits since that running time (<see cref="RunningClock"/>). The wall time is only shown. Records of versions before have no running
/// time: they count as accepted at running time 0, when the folder was first opened by a version that knows it.
/// </summary>
internal static class MessageRecord
{
    /// <summary>Bytes of the record beside the topic, the properties and the payload, and what of a Packet Identifier and of who waits is written with it: generously.</summary>
    public const int AroundBytesMax = 1024;

    private const byte RetainBit = 0x04;
    private const byte P2PBit = 0x08;
    private const int OriginShift = 4;
    private const byte RunningBit = 0x40;

    public static void Write(RecordWriter record, Message message, WallClock wall, RunningClock running)
    {
        int flags = (int)message.QoS | (message.Retain ? RetainBit : 0) | (message.IsP2P ? P2PBit : 0) | ((int)message.Origin << OriginShift) | RunningBit;
        record.Start(RecordKind.Message)
            .Add((byte)flags)
            .Add(message.AcceptedUnixMs != 0 ? message.AcceptedUnixMs : wall.ToUnixMsInTurn(message.AcceptedMs))
            .Add(running.Of(message.AcceptedMs))
            .Add(message.ExpiresMs == long.MaxValue ? 0 : Math.Max(1, message.ExpiresMs - message.AcceptedMs))
            .Add(message.TopicUtf8)
            .Add(message.Properties)
            .Add(message.Payload);
    }

    /// <summary>What of a record is to be seen without a running clock.</summary>
    /// <exception cref="InvalidDataException">The record is of another kind or cut.</exception>
    public static void Look(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> topic, out ReadOnlySpan<byte> payload, out long acceptedUnixMs)
    {
        RecordReader record = new(bytes);
        if (record.ReadKind() != RecordKind.Message)
            throw new InvalidDataException("a record is no message");
        int flags = record.ReadByte();
        acceptedUnixMs = record.ReadNumber();
        if (HasRunningTime(flags))
            _ = record.ReadNumber();
        _ = record.ReadNumber();
        topic = record.ReadBytes();
        _ = record.ReadBytes();
        payload = record.ReadBytes();
    }

    public static bool HasRunningTime(int flags) => (flags & RunningBit) != 0;

    /// <param name="bytes">The record.</param>
    /// <param name="position">Where it was.</param>
    /// <param name="running">What the message's time is counted by.</param>
    /// <param name="isOfThisRun">The gateway has accepted it since its start.</param>
    /// <param name="topics">Topic Names of messages that were read before.</param>
    /// <param name="traceNumber">Its number for the one who follows messages.</param>
    /// <exception cref="InvalidDataException">The record is of another kind or cut.</exception>
    public static Message Read(ReadOnlySpan<byte> bytes, long position, RunningClock running, bool isOfThisRun, TopicTexts topics, uint traceNumber = 0)
    {
        RecordReader record = new(bytes);
        if (record.ReadKind() != RecordKind.Message)
            throw new InvalidDataException($"record {position} is no message");
        int flags = record.ReadByte();
        long acceptedUnixMs = record.ReadNumber();
        long acceptedMs = running.ToMonotonicMs(HasRunningTime(flags) ? record.ReadNumber() : 0);
        long lifetimeMs = record.ReadNumber();
        (byte[] topicUtf8, string topic) = topics.Get(record.ReadBytes());
        return new Message
        {
            Topic = topic,
            TopicUtf8 = topicUtf8,
            Properties = record.ReadBytes().ToArray(),
            Payload = record.ReadBytes().ToArray(),
            QoS = (QoS)(flags & 3),
            Retain = (flags & RetainBit) != 0,
            IsP2P = (flags & P2PBit) != 0,
            Origin = (Origin)((flags >> OriginShift) & 3),
            AcceptedMs = acceptedMs,
            // A clock that was not set at all says less than the time that has passed since.
            AcceptedUnixMs = isOfThisRun || acceptedUnixMs < WallClock.EarliestUnixMs ? 0 : acceptedUnixMs,
            ExpiresMs = lifetimeMs == 0 ? long.MaxValue : acceptedMs + lifetimeMs,
            Position = position,
            TraceNumber = traceNumber,
        };
    }
}
