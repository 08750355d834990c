using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal;

/// <summary>
/// A durable log of opaque records, for one process at a time. Many writers append; one thread puts what has gathered on the
/// disk as one frame, and says so.
/// <list type="bullet">
/// <item>Positions are 1, 2, 3 ... over all restarts; a position that was reported durable is never given to another record.</item>
/// <item>Frame N+1 is written only when frame N is durable. So a bad frame with a good one behind it is damage, and a bad
/// frame with nothing behind it is one that was being written.</item>
/// <item>A segment goes only when a durable snapshot covers its events, and what released its last Body is durable.</item>
/// <item>After a failed write or sync nothing is reported durable any more: the owner opens the journal anew.</item>
/// </list>
/// </summary>
public sealed partial class RecordJournal : IAsyncDisposable
{
    // Held for moments: appending, swapping frames, and the figures of the segments. Never while the disk is written.
    private readonly Lock _lock;
    private readonly JournalOptions _options;
    private readonly SegmentSet _segments;
    private readonly BodyTable _bodies;
    private readonly Committer _committer;
    private readonly TimeProvider _time;
    private readonly Queue<FrameBuffer> _sealed = new();
    private readonly FreeFrames _free;
    private FrameBuffer _gathering;
    private long _lastPosition;
    private long _pendingBytes;
    private long _waitingBytes;
    private long _eventBytes;
    private long? _snapshotNotBefore; // a timestamp: the last one found no room
    private long _records;
    private int _frameDepth;
    private volatile bool _isFailed;
    private readonly IPacedStorage? _paced;

    private RecordJournal(OpenedJournal opened, IJournalStorage storage, JournalOptions options, TimeProvider time)
    {
        _lock = opened.Gate;
        _free = new FreeFrames(options.FrameBytesMax);
        _gathering = _free.Take(waiting: 0);
        _options = options;
        _segments = opened.Segments;
        _bodies = opened.Bodies;
        _eventBytes = opened.EventBytes;
        Recovery = opened.Recovery;
        _lastPosition = opened.LastPosition;
        _paced = storage as IPacedStorage;
        _time = time;
        PlanRest(_segments.Active);
        _committer = new Committer(this, opened, storage, options, time) { SnapshotGivenUp = SnapshotGivenUp };
    }

    /// <summary>What the open found.</summary>
    public JournalRecovery Recovery { get; }

    /// <summary>The position of the last record appended.</summary>
    public long LastPosition => Interlocked.Read(ref _lastPosition);

    /// <summary>Everything up to here survives.</summary>
    public long DurablePosition => _committer.DurablePosition;

    /// <summary>Called on the committer's thread after each commit; must be quick and must not throw. Set before the first append.</summary>
    public Action<long>? Durable { get => _committer.Durable; set => _committer.Durable = value; }

    /// <summary>Called once, on the committer's thread, when the journal has failed.</summary>
    public Action<Exception>? Failed { get => _committer.Failed; set => _committer.Failed = value; }

    /// <summary>Called on the committer's thread when a frame begins to wait for something that will pass, as a free file handle; it is tried again by itself.</summary>
    public Action<IOException>? Obstructed { get => _committer.Obstructed; set => _committer.Obstructed = value; }

    /// <summary>Bytes appended and not yet durable.</summary>
    public long PendingBytes => Volatile.Read(ref _pendingBytes);

    /// <summary>A snapshot is being written, or waits for its turn.</summary>
    public bool IsSnapshotting => _committer.IsSnapshotting;

    /// <summary>A write or a sync has failed: nothing is durable any more.</summary>
    public bool IsFailed => _isFailed;

    /// <summary>How it fares.</summary>
    public JournalStatus Status
    {
        get
        {
            using (_lock.EnterScope())
                return new JournalStatus(
                    _segments.BytesUsed, _options.BytesMax, _segments.LiveBytes, _segments.All.Count, _segments.SpareCount, _committer.Frames,
                    _records, _committer.SyncMs, _committer.Snapshots, _compacted, !HasRoomForMore, _isFailed,
                    _acceptedBytes, _compactedBytes, _segments.SnapshotBytes, Interlocked.Read(ref _damaged), _segments.PreparedBytes)
                {
                    BytesAttainable = _segments.BytesAttainable,
                    SurplusBytes = _segments.SurplusBytes,
                    SegmentBytes = _options.SegmentBytes,
                };
        }
    }

    /// <summary>Locks the folder and reads what is in it.</summary>
    /// <exception cref="JournalException">The folder is in use, of a newer format, or damaged.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static RecordJournal Open(IJournalStorage storage, JournalOptions options, IJournalReplay replay, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(replay);
        if (options.BytesMax < 4L * options.SegmentBytes)
            throw new ArgumentException($"BytesMax is {options.BytesMax}; it must be at least four segments of {options.SegmentBytes}", nameof(options));
        return new RecordJournal(JournalOpener.Open(storage, options, replay), storage, options, time ?? TimeProvider.System);
    }

    /// <summary>Asks the disk anew how much room it has; done by itself at each new segment, and while a frame waits for one.</summary>
    public void MeasureDisk()
    {
        _segments.MeasureDisk();
        if (_segments.HasTooMuchSurplus)
            _committer.Commit(); // others want the room
    }

    /// <summary>Adds a record to the frame that is being gathered. Does not wait for the disk.</summary>
    /// <param name="record">At most <see cref="JournalOptions.RecordBytesMax"/> bytes.</param>
    /// <param name="life">How long it must survive.</param>
    /// <param name="reserve">May use the reserve: an acknowledgement or a drop.</param>
    /// <param name="position">Its number, when it was appended.</param>
    public AppendResult TryAppend(ReadOnlySpan<byte> record, RecordLife life, bool reserve, out long position)
    {
        if (record.Length > _options.RecordBytesMax)
            throw new ArgumentException($"a record of {record.Length} bytes exceeds {_options.RecordBytesMax}", nameof(record));
        position = 0;
        using (_lock.EnterScope())
        {
            if (_isFailed)
                return AppendResult.Failed;
            if (!HasRoomFor(record.Length, reserve))
                return AppendResult.Full;
            position = Append(record, (byte)life, copyOf: 0);
            _acceptedBytes += RecordHeader.BytesFor((byte)life) + record.Length;
            return AppendResult.Appended;
        }
    }

    /// <summary>What is appended until <see cref="EndFrame"/>, on the same thread, is durable together or not at all; other threads wait.</summary>
    public void BeginFrame()
    {
        _lock.Enter();
        _frameDepth++;
    }

    /// <summary>Somebody waits for what was appended until now.</summary>
    public void Commit() => _committer.Commit();

    /// <summary>One more needs a Body; whoever appended it was the first.</summary>
    /// <returns>False when it is gone.</returns>
    public bool TryHold(long position)
    {
        using (_lock.EnterScope())
        {
            ref BodyLocation body = ref _bodies.Find(position);
            if (Unsafe.IsNullRef(ref body))
                return false;
            body.Holders++;
            return true;
        }
    }

    /// <summary>One needs a Body no more; with the last it goes. Whatever said that it was needed must have been taken back by an append before.</summary>
    public void Release(long position)
    {
        using (_lock.EnterScope())
        {
            ref BodyLocation body = ref _bodies.Find(position);
            if (Unsafe.IsNullRef(ref body) || --body.Holders > 0)
                return;
            Forget(body, _bodies.PlaceOf(body), LastPosition);
            _ = _bodies.Remove(position);
        }
    }

    /// <summary>Takes over the owner's whole state as of <paramref name="upTo"/>, which makes all events until there superfluous. Written in the background.</summary>
    /// <param name="upTo">The <see cref="LastPosition"/> that the state is of.</param>
    /// <param name="state">Must not change any more.</param>
    /// <returns>False when one is being written, or nothing has changed since the last.</returns>
    public bool Snapshot(long upTo, ReadOnlyMemory<byte> state)
    {
        if (BeginSnapshot(upTo) is not { } snapshot)
            return false;
        snapshot.Add(state.Span, upTo);
        return snapshot.Finish();
    }

    /// <summary>Begins a snapshot that is written slice by slice, while records go on coming in. Until it is finished or abandoned there is no other.</summary>
    /// <returns>Null when one is being written, nothing has changed since the last, or the journal has failed.</returns>
    public JournalSnapshot? BeginSnapshot() => BeginSnapshot(LastPosition);

    private JournalSnapshot? BeginSnapshot(long upTo)
    {
        using (_lock.EnterScope())
        {
            JournalSnapshot snapshot = new(upTo, _eventBytes, () => LastPosition, FinishSnapshot, AbandonSnapshot);
            if (_isFailed || !_committer.TryBeginSnapshot(snapshot))
                return null;
            _eventBytes = 0;
            return snapshot;
        }
    }

    private bool FinishSnapshot(JournalSnapshot snapshot)
    {
        if (_isFailed)
            return false;
        _committer.FinishSnapshot(snapshot);
        _committer.Commit();
        return true;
    }

    private void AbandonSnapshot(JournalSnapshot snapshot)
    {
        using (_lock.EnterScope())
            _eventBytes += snapshot.EventBytes;
        _committer.AbandonSnapshot(snapshot);
    }

    // What it would have covered is not covered: another is due, when the disk may have room again.
    private void SnapshotGivenUp(JournalSnapshot snapshot)
    {
        using (_lock.EnterScope())
        {
            _eventBytes += snapshot.EventBytes;
            _snapshotNotBefore = _time.GetTimestamp() + (long)(_options.RetryWhenFull.TotalSeconds * _time.TimestampFrequency);
        }
    }

    /// <summary>Keeps the files as they are, for a copy, while the journal goes on.</summary>
    /// <exception cref="IOException">The journal has failed: what is on the disk is not known.</exception>
    public JournalHold Hold()
    {
        using (_lock.EnterScope())
        {
            if (_isFailed)
                throw new IOException("the journal has failed");
            // What is in a segment is durable: a frame counts there only after its sync.
            return new JournalHold(DurablePosition, _segments.Hold(), () =>
            {
                _segments.Release();
                _committer.Commit();
            });
        }
    }

    /// <summary>Commits what was appended, and lets the folder go.</summary>
    public async ValueTask DisposeAsync() => await _committer.DisposeAsync();

    /// <summary>What was appended since <see cref="BeginFrame"/> is durable together or not at all.</summary>
    public void EndFrame()
    {
        _frameDepth--;
        _lock.Exit();
    }

    // ---- For the committer

    internal Lock Gate => _lock;

    internal bool HasPending => !_gathering.IsEmpty || _sealed.Count > 0;

    /// <summary>The oldest frame that is complete. Under the lock.</summary>
    internal FrameBuffer? PeekFrame()
    {
        if (_sealed.Count == 0 && !_gathering.IsEmpty)
            Seal();
        return _sealed.TryPeek(out FrameBuffer? frame) ? frame : null;
    }

    /// <summary>The oldest frame is in a segment now. Under the lock.</summary>
    internal void FrameWritten(FrameBuffer frame, Segment segment, long offset)
    {
        _ = _sealed.Dequeue();
        segment.LastPosition = frame.LastPosition;
        segment.End = offset + frame.Length;
        foreach (long position in frame.Bodies)
        {
            ref BodyLocation body = ref _bodies.Find(position);
            if (Unsafe.IsNullRef(ref body))
            {
                segment.LastRelease = LastPosition; // released while it waited
                continue;
            }

            _bodies.Move(ref body, segment, (int)offset);
            segment.LiveCount++;
            segment.LiveBytes += body.CopyBytes;
        }

        _pendingBytes -= frame.Length;
        _waitingBytes = _sealed.TryPeek(out FrameBuffer? next) ? _pendingBytes - next.Length : 0;
        _eventBytes += frame.EventBytes;
        _free.Give(frame);
    }

    /// <summary>Once a second: gives back the memory of frames that waited in numbers, and do no longer.</summary>
    public void Tend()
    {
        using (_lock.EnterScope())
            _free.Look();
    }

    internal void Fail() => _isFailed = true;

    private long Append(ReadOnlySpan<byte> record, byte life, long copyOf, int holders = 1)
    {
        if (_frameDepth == 0 && !_gathering.IsEmpty && (_gathering.Length + record.Length + RecordHeader.CopyBytes > GatherBytesMax || _paced is { EndsFrame: true }))
            Seal();
        long position = Interlocked.Increment(ref _lastPosition);
        int before = _gathering.IsEmpty ? 0 : _gathering.Length;
        int offset = _gathering.Add(position, life, record, copyOf, out uint crc);
        _pendingBytes += _gathering.Length - before;
        if (_sealed.Count > 0)
            _waitingBytes += _gathering.Length - before;
        _records++;
        if (life is (byte)RecordLife.Body or RecordHeader.Copy)
        {
            long original = copyOf != 0 ? copyOf : position;
            _gathering.Bodies.Add(original);
            _bodies.Set(original, _gathering, offset, record.Length, crc, holders);
        }

        _committer.Appended();
        return position;
    }

    private long GatherBytesMax => _gathering.Length <= _plannedRest ? Math.Min(_plannedRest, FrameBytesMax) : FrameBytesMax;

    private void Seal()
    {
        _plannedRest = _gathering.Length <= _plannedRest ? _plannedRest - _gathering.Length : Math.Max(0, _options.SegmentBytes - SegmentHeader.Bytes - _gathering.Length);
        _sealed.Enqueue(_gathering);
        _gathering = _free.Take(_sealed.Count);
    }

    private void PlanRest(Segment? active) => _plannedRest = active is { IsClosed: false } ? active.Capacity - active.End : 0;

    // What lay in a frame counts when that is written.
    private static void Forget(in BodyLocation body, IBodyPlace left, long now)
    {
        if (left is not Segment segment)
            return;
        segment.LiveCount--;
        segment.LiveBytes -= body.CopyBytes;
        segment.LastRelease = now;
    }
}
