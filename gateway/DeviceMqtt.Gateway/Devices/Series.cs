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
        budget.Add();
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

    /// <summary>What a series takes when it is as thin as can be: the newest value, and no reading for a chart.</summary>
    public const int LeastBytes = ObjectBytes;

    // Measured, with its places in the lists of its stream and of the budget.
    private const int ObjectBytes = 116;
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
        if (!TryGrow(ref _raw, _rawCount, RawMax, RawBytes))
        {
            // Others need the memory: what it has is thinned to make the place, and where it has none the newest value is all that is kept.
            if (_rawCount == 0)
                return;
            int folded = (_rawCount + 1) / 2;
            FoldFirst(folded);
            at = Math.Max(0, at - folded);
        }

        Array.Copy(_raw, at, _raw, at + 1, _rawCount - at);
        _raw[at] = new Raw(unixMs, (float)value, isLate ? 1 : 0);
        _rawCount++;
    }

    /// <summary>Where it stands among those that can get thinner; -1 when it is as thin as can be. The budget's.</summary>
    public int PlaceAmongThick { get; set; } = -1;

    /// <summary>
    /// Takes less memory than before, always: the raw readings become minutes where those are smaller; else the older half of the minutes goes, or of
    /// the raw readings where there are no minutes. The newest value stays.
    /// </summary>
    public void Thin()
    {
        if (_rawCount > 2 && Bytes > ObjectBytes + RawBytes + ((_minuteCount + MinutesOf(_rawCount - 1)) * (long)MinuteBytes))
        {
            FoldFirst(_rawCount - 1);
        }
        else if (_minuteCount > 0)
        {
            int gone = (_minuteCount + 1) / 2;
            Array.Copy(_minutes, gone, _minutes, 0, _minuteCount - gone);
            _minuteCount -= gone;
        }
        else
        {
            int gone = (_rawCount + 1) / 2;
            Array.Copy(_raw, gone, _raw, 0, _rawCount - gone);
            _rawCount -= gone;
        }

        Array.Resize(ref _raw, _rawCount);
        Array.Resize(ref _minutes, _minuteCount);
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

    // How many minutes the first readings become, at most: some of them may be there already.
    private int MinutesOf(int count)
    {
        int minutes = 1;
        for (int i = 1; i < count; i++)
            if (_raw[i].UnixMs / MinuteMs != _raw[i - 1].UnixMs / MinuteMs)
                minutes++;
        return minutes;
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
        if (!TryGrow(ref _minutes, _minuteCount, (int)(MinutesMs / MinuteMs), MinuteBytes))
            return;
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

    private bool TryGrow<T>(ref T[] array, int count, int max, int bytesEach)
    {
        if (count < array.Length)
            return true;
        int room = Math.Min(max, Math.Max(FirstRoom, array.Length * 2));
        if (!_budget.TryGrow((room - array.Length) * (long)bytesEach, this))
            return false;
        Array.Resize(ref array, room);
        return true;
    }
}
