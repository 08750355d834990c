using System.ComponentModel;
using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// Takes a part of the broker's core away, in slices of a millisecond or so: for rows in which the load generator, and not the broker, is what limits. It has real-time priority, so the broker has the
/// same share whether it has one thread or many. Two threads of the usual priority would have two thirds beside one that only spins.
/// </summary>
internal sealed unsafe class CoreTaker : IDisposable
{
    /// <summary>The least that may be left: the kernel keeps 5 % for others itself.</summary>
    public const int PercentMin = 10;

    private const int LeftMs = 1; // to the broker, before the next slice
    private const int SliceUsMax = 20_000;
    private const int Priority = 1; // the lowest of real time

    private static long _takenNs;
    private static int _brokerPercent = 100;

    private readonly Thread _thread;
    private readonly int _percent;
    private Win32Exception? _problem;
    private volatile bool _isOver;

    private CoreTaker(int percent)
    {
        _percent = percent;
        _brokerPercent = percent;
        using ManualResetEventSlim hasBegun = new();
        _thread = new Thread(() => Run(hasBegun)) { IsBackground = true };
        _thread.Start();
        hasBegun.Wait();
        if (_problem is null)
            return;
        Dispose();
        throw _problem;
    }

    /// <summary>CPU time taken by all so far, which the process's own includes.</summary>
    public static long TakenNs => Volatile.Read(ref _takenNs);

    /// <summary>What the broker gets of its core at the moment, in percent.</summary>
    public static int BrokerPercent => Volatile.Read(ref _brokerPercent);

    /// <summary>Leaves so much of the broker's core, until it is disposed of.</summary>
    /// <param name="percent"><see cref="PercentMin"/> to 100; null is returned where nothing is to be taken.</param>
    /// <exception cref="Win32Exception">This process may not have real-time priority.</exception>
    public static CoreTaker? LeaveOf(int percent) => percent >= 100 ? null : new CoreTaker(percent);

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
        _brokerPercent = 100;
    }

    private void Run(ManualResetEventSlim hasBegun)
    {
        try
        {
            CpuCore.MoveThisThread(CpuCore.Broker);
            int priority = Priority;
            if (Libc.SetScheduler(0, Libc.ScheduleFirstInFirstOut, &priority) != 0)
                throw new Win32Exception();
        }
        catch (Win32Exception exception)
        {
            _problem = exception;
            return;
        }
        finally
        {
            hasBegun.Set();
        }

        long takenBefore = TakenNs;
        long ownAtFirst = CpuClock.OwnThreadNs;
        long began = Stopwatch.GetTimestamp();
        while (!_isOver)
        {
            Thread.Sleep(LeftMs);
            // What a late wake-up has left to the broker is taken now, but never so much at once that it would look like a stall.
            double owedUs = (Stopwatch.GetElapsedTime(began).TotalMicroseconds * (100 - _percent) / 100) - ((CpuClock.OwnThreadNs - ownAtFirst) / 1000.0);
            long until = Stopwatch.GetTimestamp() + (long)(Math.Clamp(owedUs, 0, SliceUsMax) * Stopwatch.Frequency / 1e6);
            while (Stopwatch.GetTimestamp() < until)
                Thread.SpinWait(20);
            Volatile.Write(ref _takenNs, takenBefore + CpuClock.OwnThreadNs - ownAtFirst);
        }
    }
}
