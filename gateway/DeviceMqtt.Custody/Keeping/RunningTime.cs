using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody.Clocks;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Keeping;

/// <summary>
/// Carries the running time over restarts: what the journal has to know of the clocks, and when. Owned by the turn, but for <see cref="Look"/>.
/// </summary>
internal sealed class RunningTime(Ground ground, IMachineClock machine)
{
    // With what is committed anyway. Chosen: what a crash takes from the age of what waits at most, on a busy gateway.
    private const long RecordEveryMs = 10_000;

    // On a gateway that writes nothing else. Chosen: 144 small commits a day do not wear a card.
    private const long IdleRecordEveryMs = 600_000;

    // Chosen: asking costs some reads of the system's files.
    private const long LookEveryMs = 60_000;

    private readonly Turn _turn = ground.Turn;
    private long _dueMs;
    private long _overdueMs = long.MaxValue;
    private long _lookedMs;

    // The last moment of this run at which the network vouched for the wall clock: it counts on from there, whatever is done to the clock.
    private volatile Anchor? _anchor;

    // The record before this run, where it has a time that the network vouched for, and how long the gateway was off is still to be found out; with the moment of the start.
    private volatile Open? _open;

    private sealed record Open(long UnixMs, long BeganMs);

    private sealed record Anchor(long MonotonicMs, long UnixMs, ClockVouchers Vouchers);

    /// <summary>This run of the gateway has a record: what has a running time may follow.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>The next commit should take a record along.</summary>
    public bool IsDue => _turn.NowMs >= _dueMs;

    /// <summary>There was no commit for long.</summary>
    public bool IsOverdue => _turn.NowMs >= _overdueMs;

    /// <summary>Goes on where the last record was, and as much later as the gateway was off. Inside a turn, at the start.</summary>
    /// <param name="last">Null in a new folder, or one of a version that wrote no such thing.</param>
    public TimeOff Begin(ClockRecord? last)
    {
        _overdueMs = _turn.NowMs + IdleRecordEveryMs;
        ground.Clock.Vouched = monotonicMs => _anchor is { } anchor ? anchor.UnixMs + monotonicMs - anchor.MonotonicMs : null;
        Anchor now = LookNow();
        TimeOff off = last is { } record
            ? TimeOff.Between(record, new ClockRecord(0, now.MonotonicMs, machine.BootId, now.UnixMs, now.Vouchers))
            : new TimeOff(0, "nothing was written down about clocks");
        ground.Running.Continue((last?.RunningMs ?? 0) + off.Ms);
        if (!off.IsKnown && last is { } then && then.Vouchers.HasFlag(ClockVouchers.Network))
            _open = new Open(then.UnixMs, _turn.MonotonicMs());
        ground.Running.LastRecordMs = last?.RunningMs;
        // What was accepted behind the last record is at most so much younger.
        ground.Running.GaplessSinceMs = last is not { } before ? 0 : off.IsKnown ? before.GaplessSinceMs : before.RunningMs + (2 * RecordEveryMs);
        return off;
    }

    /// <summary>Asks, once a minute, whether the clock on the wall is right. Outside a turn: it reads files.</summary>
    public void Look()
    {
        if (_turn.MonotonicMs() - _lookedMs >= LookEveryMs)
            _ = LookNow();
    }

    /// <summary>A record of this moment.</summary>
    public ClockRecord Now()
    {
        long nowMs = _turn.NowMs;
        long runningMs = ground.Running.Of(nowMs);
        ClockRecord record = _anchor is { } anchor
            ? new ClockRecord(runningMs, Math.Max(0, nowMs), machine.BootId, Math.Max(0, anchor.UnixMs + nowMs - anchor.MonotonicMs), anchor.Vouchers)
            : new ClockRecord(runningMs, Math.Max(0, nowMs), machine.BootId, ground.Clock.ToUnixMs(nowMs), ClockVouchers.None);
        return record with { GaplessSinceMs = ground.Running.GaplessSinceMs };
    }

    /// <summary>Writes a record of this moment.</summary>
    public AppendResult Write(RecordJournal journal, RecordWriter record)
    {
        Now().Write(record);
        AppendResult result = journal.TryAppend(record.Written, RecordLife.Event, reserve: true, out _);
        if (result != AppendResult.Appended)
            return result;
        IsWritten = true;
        _dueMs = _turn.NowMs + RecordEveryMs;
        _overdueMs = _turn.NowMs + IdleRecordEveryMs;
        return result;
    }

    private Anchor LookNow()
    {
        long monotonicMs = _turn.MonotonicMs();
        _lookedMs = monotonicMs;
        long unixMs = ground.Clock.NowUnixMs;
        // After the look at the clock: one that was set just before is not vouched for any more.
        Anchor now = new(monotonicMs, unixMs, machine.VouchFor(unixMs));
        if (!now.Vouchers.HasFlag(ClockVouchers.Network))
            return now;
        _anchor = now;
        if (_open is { } open)
            Find(open, now);
        return now;
    }

    // What was counted of what waits stays: it is handed over late rather than never. A command is judged by this when it is its turn.
    private void Find(Open open, Anchor now)
    {
        _open = null;
        long offMs = now.UnixMs - open.UnixMs - (now.MonotonicMs - open.BeganMs);
        if (now.UnixMs >= WallClock.EarliestUnixMs && offMs is > 0 and <= TimeOff.WallMsMax)
            ground.Running.FoundMs = offMs;
    }
}
