using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Journal;

/// <summary>Walks the frames of a segment like <see cref="SegmentScan"/>, but goes on behind damage with the next frame that is sound.</summary>
/// <param name="name">Of its file.</param>
/// <param name="bytes">All of it.</param>
/// <param name="before">The first record that a later segment has: that one counts.</param>
/// <param name="gone">Takes in the numbers of segments that nothing asks for any more.</param>
internal sealed class LenientScan(string name, byte[] bytes, long before, HashSet<long> gone)
{
    private readonly FrameSearch _search = new(bytes);
    private readonly List<string> _damage = [];
    private long _first;
    private long _last;
    private long _frames;
    private long _records;
    private long _bodies;
    private long _bytes;

    public SegmentReport Run(JournalInspector.OnRecord? onRecord)
    {
        uint salt = ReadHeader();
        int offset = SegmentHeader.Bytes;
        int sound = offset;
        while (FindFrame(ref offset, salt) is { } frame)
        {
            if (offset > sound)
                _damage.Add($"'{name}' is damaged at byte {sound}: {offset - sound} bytes, records {_last + 1} to {frame.FirstPosition - 1}");
            Read(frame, offset, onRecord);
            offset += FrameHeader.Bytes + frame.Length;
            sound = offset;
        }

        long torn = FrameHeader.TryRead(bytes.AsSpan(Math.Min(sound, bytes.Length)), out FrameHeader last) && last.FirstPosition == _last + 1 ? FrameHeader.Bytes + last.Length : 0;
        return new SegmentReport(name, _first, _last, _frames, _records, _bodies, _bytes, torn, _damage);
    }

    // The salt is worth a try also when another byte of the header is damaged: frames that fit it prove it.
    private uint ReadHeader()
    {
        try
        {
            SegmentHeader header = SegmentHeader.Read(bytes, name);
            _first = header.FirstPosition;
            _last = _first - 1;
            return header.Salt;
        }
        catch (JournalException exception)
        {
            _damage.Add(exception.Message);
            uint salt = bytes.Length >= SegmentHeader.Bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) : 0;
            int first = SegmentHeader.Bytes;
            return FindFrame(ref first, salt) is null ? _search.FindSalt() ?? salt : salt;
        }
    }

    private FrameHeader? FindFrame(ref int offset, uint salt)
    {
        // Without a header nothing is known of the first position.
        (long, long) next = (_last + 1, _first == 0 ? long.MinValue / 2 : offset);
        if (_search.Find(offset, salt, next, before, out FrameHeader frame) is not { } found)
            return null;
        offset = found;
        return frame;
    }

    private void Read(in FrameHeader frame, int start, JournalInspector.OnRecord? onRecord)
    {
        if (_first == 0)
            _first = frame.FirstPosition;
        int offset = start + FrameHeader.Bytes;
        int end = offset + frame.Length;
        for (int i = 0; i < frame.Count && RecordHeader.TryRead(bytes.AsSpan(offset, end - offset), out RecordHeader record); i++)
        {
            ReadOnlySpan<byte> own = bytes.AsSpan(offset + record.Bytes, record.Length);
            if (record.Life == RecordHeader.Gone)
                gone.UnionWith(MemoryMarshal.Cast<byte, long>(own).ToArray());
            else
                onRecord?.Invoke(new FoundRecord(frame.FirstPosition + i, record.IsBody ? RecordLife.Body : RecordLife.Event, record.CopyOf, own));
            _records++;
            _bodies += record.IsBody ? 1 : 0;
            offset += record.Bytes + record.Length;
        }

        _frames++;
        _last = frame.FirstPosition + frame.Count - 1;
        _bytes += FrameHeader.Bytes + frame.Length;
    }
}
