using System.Buffers;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Protocol;

/// <summary>
/// Cuts a receive buffer into packets (5.0, 2.1). Knows the fixed header only: what a packet means is for its decoder.
/// </summary>
/// <remarks>
/// A packet inside one segment is handed out where it stands; one that crosses segments is copied once into the scratch buffer. The length
/// limit is applied from the fixed header alone, before anything is copied, so a huge declared length costs no memory.
/// After <see cref="DecodeStatus.Malformed"/> the reader stays malformed.
/// </remarks>
public ref struct FrameReader
{
    private readonly ReadOnlySequence<byte> _buffer;
    private readonly StraddleBuffer _scratch;
    private readonly int _packetBytesMax;
    private ReadOnlySpan<byte> _segment;
    private int _offset;
    private SequencePosition _segmentStart;

    /// <param name="buffer">What has arrived and was not consumed.</param>
    /// <param name="packetBytesMax">The largest packet accepted, fixed header included, as Maximum Packet Size of 5.0 counts (3.1.2.11.4).</param>
    /// <param name="scratch">For packets that cross segments.</param>
    public FrameReader(scoped in ReadOnlySequence<byte> buffer, int packetBytesMax, StraddleBuffer scratch)
    {
        _buffer = buffer;
        _scratch = scratch;
        _packetBytesMax = packetBytesMax;
        _segment = buffer.FirstSpan;
        _segmentStart = buffer.Start;
    }

    /// <summary>Why the input is malformed; <see cref="MalformedReason.None"/> while it is not.</summary>
    public MalformedReason Reason { get; private set; }

    /// <summary>The whole packet in bytes, fixed header included: of one that was refused as <see cref="MalformedReason.PacketTooLarge"/>, or that is not whole yet; 0 while its header does not say it.</summary>
    public long DeclaredLength { get; private set; }

    /// <summary>The position after the last packet returned: up to here the buffer can be given back.</summary>
    public readonly SequencePosition Consumed => _offset == 0 ? _segmentStart : _buffer.GetPosition(_offset, _segmentStart);

    /// <summary>Reads the next packet. The frame is valid until the next call.</summary>
    public DecodeStatus TryRead(out Frame frame)
    {
        ReadOnlySpan<byte> rest = _segment[_offset..];
        if (rest.Length >= 2 && Reason == MalformedReason.None)
        {
            int length = rest[1];
            int lengthBytes = 1;
            if (length < 0x80 || VariableByteInteger.TryRead(rest[1..], out length, out lengthBytes) == DecodeStatus.Packet)
            {
                length += 1 + lengthBytes;
                if (length <= rest.Length && length <= _packetBytesMax && rest[0] >= 0x10)
                {
                    _offset += length;
                    frame = new Frame(rest[..length], 1 + lengthBytes);
                    return DecodeStatus.Packet;
                }
            }
        }

        return TryReadSlowly(out frame);
    }

    /// <summary>Everything but a sound packet inside the current segment.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private DecodeStatus TryReadSlowly(out Frame frame)
    {
        frame = default;
        _scratch.Trim();
        if (Reason != MalformedReason.None)
            return DecodeStatus.Malformed;
        ReadOnlySequence<byte> rest = _buffer.Slice(Consumed);
        if (rest.IsEmpty)
            return DecodeStatus.NeedMore;

        Span<byte> header = stackalloc byte[1 + VariableByteInteger.BytesMax];
        header = header[..(int)Math.Min(header.Length, rest.Length)];
        rest.Slice(0, header.Length).CopyTo(header);
        if (header[0] < 0x10)
            return Refuse(MalformedReason.UnknownPacketType);
        switch (VariableByteInteger.TryRead(header[1..], out int length, out int lengthBytes))
        {
            case DecodeStatus.NeedMore:
                return DecodeStatus.NeedMore;
            case DecodeStatus.Malformed:
                return Refuse(MalformedReason.RemainingLengthTooLong);
        }

        length += 1 + lengthBytes;
        if (length > _packetBytesMax)
        {
            DeclaredLength = length;
            return Refuse(MalformedReason.PacketTooLarge);
        }

        if (length > rest.Length)
        {
            DeclaredLength = length;
            return DecodeStatus.NeedMore;
        }

        frame = new Frame(GetContiguous(rest, length), 1 + lengthBytes);
        MoveTo(rest.GetPosition(length));
        return DecodeStatus.Packet;
    }

    private readonly ReadOnlySpan<byte> GetContiguous(scoped in ReadOnlySequence<byte> rest, int length)
    {
        ReadOnlySpan<byte> first = rest.FirstSpan;
        if (first.Length >= length)
            return first[..length];
        Span<byte> copy = _scratch.GetSpan(length);
        rest.Slice(0, length).CopyTo(copy);
        return copy;
    }

    private void MoveTo(SequencePosition position)
    {
        _segmentStart = position;
        _offset = 0;
        _segment = _buffer.TryGet(ref position, out ReadOnlyMemory<byte> memory, advance: false) ? memory.Span : default;
    }

    private DecodeStatus Refuse(MalformedReason reason)
    {
        Reason = reason;
        return DecodeStatus.Malformed;
    }
}
