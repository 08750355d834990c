using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// Recent readings of one metric: each of the last hour, and one row a minute (least, mean, greatest) of the 24 hours before. In the order
/// of the time at which they were measured: what was sent late is put in its place. Owned by the turn.
/// </summary>
internal sealed class Series
{
    /// <summary>How far back each single reading is kept.</summary>
    public const long RawMs = 3_600_000;

    /// <summary>How far back there are minutes.</summary>
    public const long MinutesMs = 24 * 3_600_000;

    /// <summary>Readings of one series in the last hour: one a second, and then some.</summary>
    public const int RawMax = 4_096;

    /// <summary>A clock that shows less than the newest reading by more than this was set back.</summary>
    public const long ClockBackMs = 60_000;

    private const long MinuteMs = 60_000;
    private const int FirstRoom = 8;
    private readonly ReadingsBudget _budget;
    private Raw[] _raw = [];
    private int _rawCount;
    private Minute[] _minutes = [];
    private int _minuteCount;

    public Series(string name, ReadingsBudget budget)
    {
        Name = name;
        _budget = budget;
        budget.Add(this);
        budget.Take(Bytes, this);
    }

    /// <summary>Member name in the telemetry.</summary>
    public string Name { get; }

    /// <summary>SenML unit code of the birth; empty while none has said it.</summary>
    public string Unit { get; set; } = "";

    /// <summary>The newest value by the time at which it was measured.</summary>
    public double Last { get; private set; } = double.NaN;

    public long LastUnixMs { get; private set; }

    public bool IsLastLate { get; private set; }

    /// <summary>Bytes of memory, the object included.</summary>
    public long Bytes => ObjectBytes + (_raw.Length * (long)RawBytes) + (_minutes.Length * (long)MinuteBytes);

    /// <summary>What a series takes at least once it has a few readings, however thin it is.</summary>
    public const int LeastBytes = ObjectBytes + (FirstRoom * (RawBytes + MinuteBytes));

    private const int ObjectBytes = 200;
    private const int RawBytes = 16;
    private const int MinuteBytes = 32;

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly record struct Raw(long UnixMs, float Value, int Late);

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private record struct Minute(long Number, float Min, float Max, double Sum, int Count, int Late);

    /// <summary>Adds a reading.</summary>
    /// <param name="unixMs">When it was measured.</param>
    /// <param name="value">A finite number.</param>
    /// <param name="isLate">It was sent later.</param>
    /// <param name="nowUnixMs">What is older than an hour before this is kept as a minute.</param>
    public void Add(long unixMs, double value, bool isLate, long nowUnixMs)
    {
        if (nowUnixMs < LastUnixMs - ClockBackMs)
            ForgetFuture(nowUnixMs);
        if (unixMs >= LastUnixMs)
        {
            (LastUnixMs, Last, IsLastLate) = (unixMs, value, isLate);
        }

        Fold(nowUnixMs - RawMs);
        if (unixMs < nowUnixMs - RawMs)
        {
            AddToMinute(unixMs, (float)value, isLate ? 1 : 0);
            return;
        }

        if (_rawCount == RawMax)
            FoldFirst(RawMax / 8);
        int at = _rawCount;
        while (at > 0 && _raw[at - 1].UnixMs > unixMs)
            at--;
        // The same message a second time (QoS 1).
        if (at > 0 && _raw[at - 1].UnixMs == unixMs && _raw[at - 1].Value.Equals((float)value))
            return;
        Grow(ref _raw, _rawCount, RawMax, RawBytes);
        Array.Copy(_raw, at, _raw, at + 1, _rawCount - at);
        _raw[at] = new Raw(unixMs, (float)value, isLate ? 1 : 0);
        _rawCount++;
    }

    /// <summary>Takes less memory: the raw readings become minutes; when there are few of them, the older half of the minutes goes.</summary>
    public void Thin()
    {
        if (_rawCount > 2)
        {
            FoldFirst(_rawCount - 1);
            Shrink(ref _raw, _rawCount);
        }
        else
        {
            int gone = (_minuteCount + 1) / 2;
            Array.Copy(_minutes, gone, _minutes, 0, _minuteCount - gone);
            _minuteCount -= gone;
        }

        Shrink(ref _minutes, _minuteCount);
    }

    /// <summary>What there is between two moments, oldest first: minutes, then single readings.</summary>
    public List<Reading> Between(long fromUnixMs, long toUnixMs)
    {
        List<Reading> found = [];
        foreach (Minute minute in _minutes.AsSpan(0, _minuteCount))
        {
            long middle = (minute.Number * MinuteMs) + (MinuteMs / 2);
            if (middle >= fromUnixMs && middle <= toUnixMs)
                found.Add(new Reading(middle, minute.Min, minute.Sum / minute.Count, minute.Max, minute.Count, minute.Late != 0));
        }

        foreach (Raw raw in _raw.AsSpan(0, _rawCount))
            if (raw.UnixMs >= fromUnixMs && raw.UnixMs <= toUnixMs)
                found.Add(new Reading(raw.UnixMs, raw.Value, raw.Value, raw.Value, 1, raw.Late != 0));
        return found;
    }

    // The clock was ahead, and was set back. What lies in the future belongs nowhere: it would be the last reading until that time has come, and keep all minutes before it away.
    private void ForgetFuture(long nowUnixMs)
    {
        while (_rawCount > 0 && _raw[_rawCount - 1].UnixMs > nowUnixMs)
            _rawCount--;
        while (_minuteCount > 0 && _minutes[_minuteCount - 1].Number > nowUnixMs / MinuteMs)
            _minuteCount--;
        LastUnixMs = 0;
        if (_rawCount > 0)
            (LastUnixMs, Last, IsLastLate) = (_raw[_rawCount - 1].UnixMs, _raw[_rawCount - 1].Value, _raw[_rawCount - 1].Late != 0);
    }

    private void Fold(long beforeUnixMs)
    {
        int count = 0;
        while (count < _rawCount && _raw[count].UnixMs < beforeUnixMs)
            count++;
        if (count > 0)
            FoldFirst(count);
    }

    private void FoldFirst(int count)
    {
        for (int i = 0; i < count; i++)
            AddToMinute(_raw[i].UnixMs, _raw[i].Value, _raw[i].Late);
        Array.Copy(_raw, count, _raw, 0, _rawCount - count);
        _rawCount -= count;
    }

    private void AddToMinute(long unixMs, float value, int late)
    {
        long number = unixMs / MinuteMs;
        int at = _minuteCount;
        while (at > 0 && _minutes[at - 1].Number > number)
            at--;
        if (at > 0 && _minutes[at - 1].Number == number)
        {
            ref Minute minute = ref _minutes[at - 1];
            minute = new Minute(number, Math.Min(minute.Min, value), Math.Max(minute.Max, value), minute.Sum + value, minute.Count + 1, minute.Late | late);
            return;
        }

        DropOldMinutes(number, ref at);
        if (at < 0)
            return;
        Grow(ref _minutes, _minuteCount, (int)(MinutesMs / MinuteMs), MinuteBytes);
        Array.Copy(_minutes, at, _minutes, at + 1, _minuteCount - at);
        _minutes[at] = new Minute(number, value, value, value, 1, late);
        _minuteCount++;
    }

    // Those of more than a day before the newest. A reading that is older than all of a full day is not kept: the place is -1.
    private void DropOldMinutes(long number, ref int at)
    {
        long newest = _minuteCount == 0 ? number : Math.Max(number, _minutes[_minuteCount - 1].Number);
        int old = 0;
        while (old < _minuteCount && _minutes[old].Number <= newest - (MinutesMs / MinuteMs))
            old++;
        Array.Copy(_minutes, old, _minutes, 0, _minuteCount - old);
        _minuteCount -= old;
        at = number <= newest - (MinutesMs / MinuteMs) ? -1 : Math.Max(0, at - old);
    }

    private void Grow<T>(ref T[] array, int count, int max, int bytesEach)
    {
        if (count < array.Length)
            return;
        int room = Math.Min(max, Math.Max(FirstRoom, array.Length * 2));
        long more = (room - array.Length) * (long)bytesEach;
        Array.Resize(ref array, room);
        _budget.Take(more, this);
    }

    private static void Shrink<T>(ref T[] array, int count)
    {
        if (array.Length > Math.Max(FirstRoom, count * 2))
            Array.Resize(ref array, Math.Max(FirstRoom, count));
    }
}
