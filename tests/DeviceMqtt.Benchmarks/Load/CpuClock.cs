using System.ComponentModel;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// CPU time of a process in nanoseconds, all its threads, the ended ones too: what utime + stime of /proc/pid/stat count, without their
/// rounding to 10 ms.
/// </summary>
internal static unsafe class CpuClock
{
    /// <summary>This process.</summary>
    public static long OwnNs => Read(Libc.ClockProcessCpu);

    /// <summary>The thread that asks.</summary>
    public static long OwnThreadNs => Read(Libc.ClockThreadCpu);

    // The kernel's clock id for the CPU time of another process: linux/posix-timers.h, MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED).
    public static long OfProcessNs(int pid) => Read((~pid << 3) | 2);

    private static long Read(int clock)
    {
        Libc.TimeSpec time;
        if (Libc.ClockGetTime(clock, &time) != 0)
            throw new Win32Exception();
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }
}
