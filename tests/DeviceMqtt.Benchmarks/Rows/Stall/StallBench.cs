using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>What a case works with.</summary>
internal sealed record StallBench(BrokerProcess Broker, LoadLoop Loop, int ProtocolLevel, StallSizes Sizes)
{
    private const int UnderWayMax = 64;

    // A broker that keeps everything for a heavy client may take all of the machine's memory: the row ends before it does.
    private const double ResidentMbMax = 6000;

    private const double MemoryCheckSeconds = 0.1;

    private bool _hasNoMemory;
    private long _checked;

    public List<string> Notes { get; } = [];

    /// <summary>May be asked at every step: it looks ten times a second.</summary>
    public bool HasMemory()
    {
        if (_hasNoMemory || Stopwatch.GetElapsedTime(_checked).TotalSeconds < MemoryCheckSeconds)
            return !_hasNoMemory;
        _checked = Stopwatch.GetTimestamp();
        if (Broker.ResidentKb / 1024 < ResidentMbMax)
            return true;
        _hasNoMemory = true;
        Notes.Add($"ended when the broker held {ResidentMbMax:N0} MB");
        return false;
    }

    /// <summary>Visits one after the other, some at a time; ask again until it says that all are over.</summary>
    public Func<bool> Visits(int count, int answers, Func<int, byte[]> packets)
    {
        int begun = 0;
        int over = 0;
        return () =>
        {
            for (; begun < count && begun - over < UnderWayMax; begun++)
                VisitingClient.Begin(Loop, Broker.Port, 1 + begun, packets(begun), answers, _ => over++);
            return over == count;
        };
    }

    /// <exception cref="IOException">It was not done in time.</exception>
    public void RunUntil(Func<bool> isDone, string what, double secondsMax)
    {
        if (!Loop.RunUntil(isDone, secondsMax))
            throw new IOException($"{what}: not done within {secondsMax} s {Loop.FirstCloseReason}");
    }
}
