using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// What a day brings to the disk, at the rate of the last day, or since the start where that is less. Two things were written and are left out here, for no day brings them again: what the gateway wrote
/// while it started (<see cref="StartMs"/>; boards that all come back at once are in it), and the zeros of files that the journal made ahead of need, until
/// it has used them. Marked in the turn of a beat; read anywhere.
/// </summary>
/// <param name="nowMs">The time, in milliseconds of a clock that never jumps.</param>
/// <param name="bytes">Bytes written since the start of the process, without the zeros that lie ahead.</param>
/// <param name="syncs">Syncs of the journal since it was opened.</param>
internal sealed class DiskRate(Func<long> nowMs, Func<long> bytes, Func<long> syncs)
{
    /// <summary>Milliseconds that belong to the start: chosen, because boards that lost their gateway are back after half a minute.</summary>
    public const long StartMs = 30_000;

    /// <summary>Milliseconds after the start before a day is worked out: chosen, because half a minute of samples that come once a second tells it within some percent.</summary>
    public const long FirstMs = 60_000;

    private const double DayMs = 86_400_000;

    // A mark each ten minutes, a day of them: what was a month ago says nothing of today.
    private const long EveryMs = 600_000;
    private const int MarksMax = 144;
    private readonly long _startMs = nowMs();
    private readonly Queue<DiskMark> _later = new();
    private DiskMark? _mark;
    private DiskMark? _last;

    /// <summary>The rate of this process and its journal; without a journal the disk is not looked at.</summary>
    public static DiskRate Of(Turn turn, DurableState? state) =>
        new(turn.MonotonicMs, () => DiskWritten.Bytes() - (state?.Status?.PreparedBytes ?? 0), () => state?.Status?.Frames ?? 0);

    /// <summary>Once a second: says when the start is over. A journal that was opened anew counts from 0, and so does this.</summary>
    public void Beat()
    {
        if (_last is null && nowMs() - _startMs < StartMs)
            return;
        bool isAnew = _last is null || syncs() < _last.Syncs;
        if (!isAnew && nowMs() - _last!.Ms < EveryMs)
            return;
        _last = new DiskMark(nowMs(), bytes(), syncs());
        if (isAnew)
        {
            _later.Clear();
            Volatile.Write(ref _mark, _last);
            return;
        }

        _later.Enqueue(_last);
        if (_later.Count > MarksMax)
            Volatile.Write(ref _mark, _later.Dequeue());
    }

    /// <summary>Bytes that a day brings; 0 while it is too early to say.</summary>
    public long BytesPerDay() => PerDay(static mark => mark.Bytes, bytes);

    /// <summary>Syncs that a day brings; 0 while it is too early to say.</summary>
    public long SyncsPerDay() => PerDay(static mark => mark.Syncs, syncs);

    private long PerDay(Func<DiskMark, long> then, Func<long> now)
    {
        if (Volatile.Read(ref _mark) is not { } mark || nowMs() - mark.Ms < FirstMs - StartMs)
            return 0;
        return (long)Math.Round(Math.Max(0, now() - then(mark)) / ((nowMs() - mark.Ms) / DayMs));
    }
}
