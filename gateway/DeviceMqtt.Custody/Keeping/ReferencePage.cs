using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Keeping;

/// <summary>
/// References to messages on disk, in some ten bytes each instead of two hundred. Positions and entries are written as the
/// distance to the one before, which is small in a queue that grows.
/// </summary>
internal sealed class ReferencePage
{
    /// <summary>A page is read back whole, so it is small.</summary>
    public const int ReferencesMax = 512;

    private const int RetainBit = 0x04;
    private const int MessageQoSShift = 3;
    private const int MessageRetainBit = 0x20;
    private const int P2PBit = 0x40;
    private const int ExpiresBit = 0x80;
    private const int WasSentBit = 0x80; // beside the origin

    private byte[] _bytes = [];
    private int _length;
    private long _position;
    private long _entry;
    private long _acceptedMs;

    public int Count { get; private set; }

    public bool IsFull => Count == ReferencesMax;

    /// <param name="queued">It has an entry; of a message that is in memory nothing but its reference is kept.</param>
    /// <param name="scratch">For one record.</param>
    public void Add(in QueuedMessage queued, RecordWriter scratch)
    {
        Message message = queued.Message;
        int flags = (int)queued.QoS | (queued.Retain ? RetainBit : 0) | ((int)message.QoS << MessageQoSShift) | (message.Retain ? MessageRetainBit : 0)
            | (message.IsP2P ? P2PBit : 0) | (message.ExpiresMs != long.MaxValue ? ExpiresBit : 0);
        scratch.Clear().Add((byte)flags).Add((byte)((int)message.Origin | (queued.WasSent ? WasSentBit : 0)))
            .Add(ZigZag(message.Position - _position)).Add(ZigZag(queued.Entry - _entry)).Add(ZigZag(message.AcceptedMs - _acceptedMs))
            .Add(message.ContentBytes).Add(message.TopicBytes);
        if (message.ExpiresMs != long.MaxValue)
            scratch.Add(ZigZag(message.ExpiresMs - message.AcceptedMs));
        scratch.Add(queued.Identifiers?.Length ?? 0);
        foreach (uint identifier in queued.Identifiers ?? [])
            scratch.Add((long)identifier);
        (_position, _entry, _acceptedMs) = (message.Position, queued.Entry, message.AcceptedMs);

        ReadOnlySpan<byte> bytes = scratch.Written;
        if (_length + bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(64, (_length + bytes.Length) * 3 / 2));
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        if (++Count == ReferencesMax)
            Settle();
    }

    /// <summary>All of them, in the order they were added.</summary>
    public List<QueuedMessage> Read()
    {
        List<QueuedMessage> all = new(Count);
        Read(all.Add);
        return all;
    }

    /// <summary>All of them, in the order they were added.</summary>
    public void Read(Action<QueuedMessage> take)
    {
        RecordReader reader = new(_bytes.AsSpan(0, _length));
        long position = 0;
        long entry = 0;
        long acceptedMs = 0;
        while (!reader.IsAtEnd)
        {
            int flags = reader.ReadByte();
            int from = reader.ReadByte();
            Origin origin = (Origin)(from & ~WasSentBit);
            position += UnZigZag(reader.ReadNumber());
            entry += UnZigZag(reader.ReadNumber());
            acceptedMs += UnZigZag(reader.ReadNumber());
            int contentBytes = (int)reader.ReadNumber();
            int topicBytes = (int)reader.ReadNumber();
            long expiresMs = (flags & ExpiresBit) != 0 ? acceptedMs + UnZigZag(reader.ReadNumber()) : long.MaxValue;
            uint[]? identifiers = reader.ReadNumber() is > 0 and var count ? new uint[count] : null;
            for (int i = 0; i < identifiers?.Length; i++)
                identifiers[i] = (uint)reader.ReadNumber();
            Message message = Message.Reference(
                position, contentBytes, topicBytes, (QoS)((flags >> MessageQoSShift) & 3), (flags & MessageRetainBit) != 0, (flags & P2PBit) != 0, origin, acceptedMs, expiresMs);
            take(new QueuedMessage(message, (QoS)(flags & 3), (flags & RetainBit) != 0, identifiers, entry, (from & WasSentBit) != 0));
        }
    }

    // It may be there for long, among thousands: in the part of the heap where the collector copies nothing.
    private void Settle()
    {
        byte[] settled = GC.AllocateUninitializedArray<byte>(_length, pinned: true);
        _bytes.AsSpan(0, _length).CopyTo(settled);
        _bytes = settled;
    }

    private static long ZigZag(long value) => (value << 1) ^ (value >> 63);

    private static long UnZigZag(long value) => (long)((ulong)value >> 1) ^ -(value & 1);
}
