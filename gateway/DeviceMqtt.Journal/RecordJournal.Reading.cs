using System.Buffers;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal;

// Bodies are read without the lock: compaction may copy one elsewhere meanwhile, and let its segment go.
public sealed partial class RecordJournal
{
    /// <summary>Reads a live Body.</summary>
    /// <returns>False when there is none at that position, or its bytes cannot be read or are not those that were written (<see cref="Damage"/>).</returns>
    public bool TryRead(long position, IBufferWriter<byte> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (!TryRead(position, new ReadAhead(), out ReadOnlySpan<byte> record))
            return false;
        into.Write(record);
        return true;
    }

    /// <summary>Reads a live Body, with what lies behind it where several are read in the order in which they were appended.</summary>
    /// <param name="position">Of the Body.</param>
    /// <param name="ahead">The reader's own, for one thread at a time.</param>
    /// <param name="record">Its bytes, until the next read with <paramref name="ahead"/>.</param>
    /// <returns>False when there is none at that position, or its bytes cannot be read or are not those that were written (<see cref="Damage"/>).</returns>
    public bool TryRead(long position, ReadAhead ahead, out ReadOnlySpan<byte> record)
    {
        ArgumentNullException.ThrowIfNull(ahead);
        record = default;
        (IBodyPlace? Place, int Offset) before = default;
        while (TryFind(position, ahead, out BodyLocation body, out IBodyPlace? place, out long end))
        {
            bool isRead = true;
            IOException? failure = null;
            if (place is Segment segment)
            {
                isRead = ahead.TryRead(segment, body.Offset, body.Length, end, out record);
                failure = isRead ? null : ahead.Failure;
                segment.IsWorn |= failure is not null;
            }
            else
            {
                record = ahead.Copied;
            }

            if (isRead && Crc32C.Compute(0, record) == body.Crc)
                return true;

            // What was read ahead is not believed a second time. A medium that gives nothing back has tried for long enough.
            ahead.Forget();
            if (before == (place, body.Offset) || failure is not null)
            {
                string what = failure is null ? "is not what was written" : $"cannot be read ({failure.Message})";
                SayDamaged($"the record {position} {what}{(place is Segment damaged ? $": '{FileNames.Segment(damaged.Number)}', byte {body.Offset}" : "")}");
                break;
            }

            before = (place, body.Offset);
        }

        record = default;
        return false;
    }

    // What lies in a frame is copied at once: the frame is used again as soon as it is written.
    private bool TryFind(long position, ReadAhead ahead, out BodyLocation body, out IBodyPlace? place, out long end)
    {
        using (_lock.EnterScope())
        {
            ref BodyLocation found = ref _bodies.Find(position);
            if (Unsafe.IsNullRef(ref found))
            {
                (body, place, end) = (default, null, 0);
                return false;
            }

            body = found;
            place = _bodies.PlaceOf(body);
            end = (place as Segment)?.End ?? 0;
            if (place is FrameBuffer frame)
                ahead.Copy(frame.Span.Slice(body.Offset, body.Length));
            return true;
        }
    }
}
