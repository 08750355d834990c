using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal;

// Room: who may have it, and how it is made.
public sealed partial class RecordJournal
{
    // Below so many segments beyond what ordinary records may not use, room is made. The later, the more has died by itself:
    // with two at 64 segments a fifth more was copied.
    private const int ScarceSegments = 1;

    // A journal of fewer segments cannot put one aside for copies.
    private const int CopyRoomSegmentsMin = 8;

    // A segment that gives back less than this share is not worth its copy: 15 bytes are copied for each that is won.
    private const int WorthwhileShare = 16;

    // Where only a large record wants the room: two bytes are copied for each that is won, however long it is asked for.
    private const int WorthwhileShareForWanted = 3;

    // What waits behind the frame that is written takes so long, however much others append, and one sync where that is longer. Chosen: nobody notices it.
    private const double AheadMs = 50;

    // So long room is made for a large record that found none, since it was asked for last. Chosen: who waits for it asks each second.
    private static readonly TimeSpan WantedMax = TimeSpan.FromMinutes(1);

    // A large record found no room: it would do with what is dead, although others have room.
    private long _wantedBytes;
    private long _wantedAt;
    private long _acceptedBytes;
    private long _compactedBytes;
    private long _compacted;
    private long _damaged;

    // What is left of the segment that the frame being gathered will go to: it is sealed before it would leave much of it unused.
    private long _plannedRest;

    /// <summary>Called on the thread that found it, when a Body or a frame is not what was written; must be quick and must not throw. What is wrong, with the file.</summary>
    public Action<string>? Damage { get; set; }

    /// <summary>No room for another whole frame beside the reserve: the owner should take in no more.</summary>
    public bool IsFull
    {
        get
        {
            using (_lock.EnterScope())
                return !HasRoomForMore;
        }
    }

    /// <summary>A large record found no room within the last minute, and would find it if others made some: on the disk, or by letting go what they have here.</summary>
    public bool IsRoomWanted
    {
        get
        {
            using (_lock.EnterScope())
                return WantedBytes > 0;
        }
    }

    /// <summary>It keeps empty segments that others may need the room of: look at the disk now and then (<see cref="MeasureDisk"/>).</summary>
    public bool HasSurplus
    {
        get
        {
            using (_lock.EnterScope())
                return _segments.SurplusBytes > 0;
        }
    }

    /// <summary>
    /// No room for a record of so many bytes, nor for what others append meanwhile. For one that is larger than a frame, room is made from what is dead, for a minute from the last time that this
    /// was asked.
    /// </summary>
    public bool IsFullFor(long recordBytes)
    {
        using (_lock.EnterScope())
        {
            if (HasRoomFor(Math.Max(recordBytes, _options.FrameBytesMax), reserve: false))
            {
                if (recordBytes >= _wantedBytes)
                    _wantedBytes = 0;
                return false;
            }

            if (recordBytes <= _options.FrameBytesMax || recordBytes < WantedBytes || recordBytes > LargestRecordBytes)
                return true;
            (_wantedBytes, _wantedAt) = (recordBytes, _time.GetTimestamp());
        }

        _committer.Commit();
        return true;
    }

    private long WantedBytes => _wantedBytes > 0 && _time.GetElapsedTime(_wantedAt) < WantedMax ? _wantedBytes : 0;

    /// <summary>Bytes of the largest record that there could be room for, if nothing else was in the journal but the segment that is written and the spares. A larger one never finds any.</summary>
    public long LargestRecordBytes
    {
        get
        {
            long segments = (_options.BytesMax / _options.SegmentBytes) - 1 - _options.SparesMax;
            return Math.Max((segments * _options.SegmentBytes) - _options.ReserveBytes, _options.FrameBytesMax) - AroundRecordBytes;
        }
    }

    private static int AroundRecordBytes => RecordHeader.CopyBytes + FrameHeader.Bytes;

    /// <summary>Bytes appended that are not in the frame which is written now, or next.</summary>
    public long WaitingBytes => Volatile.Read(ref _waitingBytes);

    /// <summary>
    /// Who appends much should have no more waiting (<see cref="WaitingBytes"/>): so many bytes are on the disk in a moment, if it is as quick as it was. It is
    /// half a frame at least: with less a slow disk would have less to do.
    /// </summary>
    public long WaitingBytesMax => (long)(Math.Max(1, AheadMs / Math.Max(1, _committer.SyncMsNow)) * WaitingBytesLeast);

    /// <summary>What <see cref="WaitingBytesMax"/> is at least, without a look at the clock.</summary>
    public long WaitingBytesLeast => _options.FrameBytesMax / 2;

    // What comes while a frame is written waits for one sync and not for two, also where it is one large record and many small ones.
    private int FrameBytesMax => _sealed.Count == 1 ? 2 * _options.FrameBytesMax : _options.FrameBytesMax;

    private bool HasRoomForMore => HasRoomFor(_options.FrameBytesMax, reserve: false);

    // Nobody but compaction may have the last segment: with a full reserve it could copy nothing, and nothing would ever go.
    private long CopyRoomBytes => IsSmall ? 0 : _options.SegmentBytes;

    private bool IsSmall => _segments.Potential < CopyRoomSegmentsMin;

    // What a record that makes room may not have. In a small journal copies may use the reserve: what lets their segment go must have its room behind them, or nothing would ever go.
    private long NotForReserveBytes => Math.Max(CopyRoomBytes, GoneRoomBytes);

    // For the record that lets a segment go whose copies have been made, and for the ends of segments that some frames leave unused.
    private long GoneRoomBytes => _options.SegmentBytes / 64;

    // What is about to go counts: to copy from the next segment as well would be too much.
    private bool IsScarce => _segments.RoomBehind(_pendingBytes) + EmptiedBytes() < _options.ReserveBytes + CopyRoomBytes + ((long)ScarceSegments * _options.SegmentBytes);

    // The same for a large record that found no room, and is wanted still.
    private bool IsScarceForWanted
    {
        get
        {
            if (WantedBytes is not (> 0 and long wanted) || !CanMakeRoomFor(wanted))
                return false;
            long emptied = EmptiedBytes();
            long frameBytes = _pendingBytes + wanted + AroundRecordBytes;
            if (_segments.RoomBehind(frameBytes) + emptied < CopyRoomBytes + _options.ReserveBytes)
                return true;
            // It needs a file of its own: what becomes a spare is none.
            long spares = (long)Math.Max(0, _options.SparesMax - _segments.SpareCount) * _options.SegmentBytes;
            return wanted + AroundRecordBytes > _options.SegmentBytes - SegmentHeader.Bytes && frameBytes + _options.ReserveBytes > _segments.GrowthBytes + Math.Max(0, emptied - spares);
        }
    }

    // What is worth a copy is copied, and what is dead goes: else all that could be copied would be, for nothing.
    private bool CanMakeRoomFor(long recordBytes)
    {
        long frameBytes = _pendingBytes + recordBytes + AroundRecordBytes;
        bool isLarge = recordBytes + AroundRecordBytes > _options.SegmentBytes - SegmentHeader.Bytes;
        // The last segments are spares where it cannot use them, and stay for copies in any case.
        long notForIt = isLarge ? Math.Max(CopyRoomBytes, (long)_options.SparesMax * _options.SegmentBytes) : CopyRoomBytes;
        long stays = frameBytes + _options.ReserveBytes + notForIt + _segments.SnapshotBytes;
        foreach (Segment segment in _segments.All)
            stays += segment != _segments.Active && IsWorthwhile(segment, WorthwhileShareForWanted) && !(segment.IsDamaged && segment.LiveCount > 0) ? segment.LiveBytes : segment.Capacity;
        return stays <= _segments.BytesAttainable;
    }

    private static bool IsWorthwhile(Segment segment, int share) => segment.DeadBytes >= segment.Capacity / share;

    /// <summary>A snapshot would let the journal shrink, or the next open be quick. A large state is not written more often than as much has changed.</summary>
    public bool SnapshotDue
    {
        get
        {
            if (_committer.IsSnapshotting || _isFailed)
                return false;
            using (_lock.EnterScope())
            {
                if (_snapshotNotBefore is { } notBefore && _time.GetTimestamp() < notBefore)
                    return false;
                _snapshotNotBefore = null;
                if (_eventBytes >= Math.Max(_options.SnapshotAfterBytes, _segments.SnapshotBytes))
                    return true;
                long uncovered = UncoveredDeadBytes();
                if (uncovered == 0)
                    return false;
                return (WantedBytes is > 0 and long wanted && uncovered >= Math.Max(_options.SegmentBytes, _segments.SnapshotBytes) && CanMakeRoomFor(wanted)) || uncovered >= Math.Max(_options.BytesMax / 4, _segments.SnapshotBytes) || !HasRoomForMore
                    || (IsScarce && (uncovered >= Math.Max(_options.SegmentBytes, _segments.SnapshotBytes) || FindVictim(WorthwhileShare) is null));
            }
        }
    }

    private bool HasRoomFor(long recordBytes, bool reserve)
    {
        long ownBytes = recordBytes + AroundRecordBytes;
        long frameBytes = _pendingBytes + ownBytes;
        // What is held together with it is in the same frame.
        long oneFrameBytes = ownBytes + (_frameDepth > 0 ? _gathering.Length : 0);
        if (oneFrameBytes > _options.SegmentBytes - SegmentHeader.Bytes && frameBytes + _options.ReserveBytes > _segments.GrowthBytes)
            return false;
        long room = _segments.RoomBehind(frameBytes);
        if (room >= (reserve ? NotForReserveBytes : CopyRoomBytes + _options.ReserveBytes))
            return true;
        // Copies have been made of what lay in a segment, and it has still to go: its room is there soon, as the next copies', but for a record of the journal's own that says so. Not where the
        // disk is short: what goes there goes to others.
        return reserve && _segments.IsAboveFloor && room >= CopyRoomBytes / 4 && room + EmptiedBytes() >= CopyRoomBytes + (CopyRoomBytes / 4);
    }

    private long EmptiedBytes()
    {
        long bytes = 0;
        foreach (Segment segment in _segments.All)
            if (segment != _segments.Active && segment.LiveCount == 0 && segment.LastPosition <= _segments.SnapshotUpTo)
                bytes += segment.Capacity;
        return bytes;
    }

    // What compaction could have, if a snapshot covered the events beside it.
    private long UncoveredDeadBytes()
    {
        long dead = 0;
        foreach (Segment segment in _segments.All)
            if (segment != _segments.Active && segment.LastPosition > _segments.SnapshotUpTo)
                dead += segment.Capacity - segment.LiveBytes;
        return dead;
    }

    // ---- For the compactor

    /// <summary>The segment to copy from next, if there is one and its Bodies have room elsewhere.</summary>
    /// <param name="isAfterSnapshot">Mostly dead ones count, scarce or not; false again when there are no more of them.</param>
    internal Segment? ChooseVictim(ref bool isAfterSnapshot)
    {
        using (_lock.EnterScope())
        {
            int share = IsScarce ? WorthwhileShare : IsScarceForWanted ? WorthwhileShareForWanted : 0;
            if (share == 0 && !isAfterSnapshot)
                return null;
            Segment? victim = FindVictim(share);
            isAfterSnapshot &= victim is not null;
            return victim;
        }
    }

    /// <summary>Copies live Bodies of a frame that was read, from an offset on, as many as one hold of the lock may take.</summary>
    /// <returns>Bytes walked.</returns>
    internal int CopyForward(Segment victim, long firstPosition, ReadOnlySpan<byte> frame, long fileOffset, ref int offset, ref int index)
    {
        (int began, int beganIndex) = (offset, index);
        using (_lock.EnterScope())
        {
            while (offset < frame.Length && offset - began < Compactor.SliceBytes && index - beganIndex < Compactor.SliceRecords && RecordHeader.TryRead(frame[offset..], out RecordHeader record))
            {
                int own = offset + record.Bytes;
                long position = record.Life == RecordHeader.Copy ? record.CopyOf : firstPosition + index;
                if (record.IsBody)
                    CopyForward(victim, position, fileOffset + own, frame.Slice(own, record.Length));
                offset = own + record.Length;
                index++;
            }

            SliceCopied?.Invoke(offset - began, index - beganIndex);
            return offset - began;
        }
    }

    /// <summary>For tests: bytes and records walked under one hold of the lock.</summary>
    internal Action<int, int>? SliceCopied { get; set; }

    /// <summary>Says in the journal which segments nothing asks for any more.</summary>
    /// <param name="going">They are added here, and may go when the record is durable.</param>
    /// <returns>False when there are none, or there is no room to say it.</returns>
    internal bool TryAppendGone(List<Segment> going)
    {
        using (_lock.EnterScope())
        {
            List<Segment> emptied = [.. _segments.All.Where(s => s != _segments.Active && !s.IsGoing && s.IsEmptied(_segments.SnapshotUpTo, DurablePosition))];
            int bytes = emptied.Count * sizeof(long);
            if (emptied.Count == 0 || _segments.RoomBehind(_pendingBytes + bytes + RecordHeader.EventBytes + FrameHeader.Bytes) < 0)
                return false;
            long position = Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes<long>([.. emptied.Select(s => s.Number)]), RecordHeader.Gone, copyOf: 0);
            foreach (Segment segment in emptied)
                segment.GonePosition = position;
            going.AddRange(emptied);
            return true;
        }
    }

    internal void SayDamaged(string what)
    {
        _ = Interlocked.Increment(ref _damaged);
        Damage?.Invoke(what);
    }

    // With a share of 0 what is mostly dead.
    private Segment? FindVictim(int share)
    {
        Segment? best = null;
        foreach (Segment segment in _segments.All)
        {
            bool isWorthwhile = share > 0 ? IsWorthwhile(segment, share) : segment.DeadBytes >= segment.Capacity - (segment.Capacity / 4);
            if (segment != _segments.Active && segment.LiveCount > 0 && segment.LastPosition <= _segments.SnapshotUpTo && !segment.IsGoing && !segment.IsDamaged
                && isWorthwhile && (best is null || segment.LiveBytes < best.LiveBytes))
                best = segment;
        }

        return best is not null && _segments.RoomBehind(_pendingBytes + best.LiveBytes + CopyOverhead(best)) >= PutAsideBytes ? best : null;
    }

    // What copies leave: they must not eat what acknowledgements live on. Those of a second segment wait while the first has still to go. A small journal has put nothing aside for them:
    // those of the first take of the reserve there, and a quarter of it stays.
    private long PutAsideBytes => EmptiedBytes() > 0
        ? IsSmall ? _options.ReserveBytes : CopyRoomBytes + (_options.ReserveBytes / 2)
        : IsSmall ? _options.ReserveBytes / 4 : GoneRoomBytes;

    // Headers of the frames that the copies are in.
    private int CopyOverhead(Segment segment) => (int)((segment.LiveBytes / _options.FrameBytesMax) + 1) * 2 * FrameHeader.Bytes;

    private void CopyForward(Segment victim, long position, long offset, ReadOnlySpan<byte> bytes)
    {
        ref BodyLocation found = ref _bodies.Find(position);
        if (Unsafe.IsNullRef(ref found) || found.Offset != offset || _bodies.PlaceOf(found) != victim)
            return; // it is not needed any more, or lies elsewhere
        BodyLocation body = found;
        _ = Append(bytes, RecordHeader.Copy, position, body.Holders);
        Forget(body, victim, LastPosition);
        _compacted++;
        _compactedBytes += RecordHeader.CopyBytes + bytes.Length;
    }
}
