using System.ComponentModel;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Puts threads on a core, and so the processes that they start.</summary>
internal static unsafe class CpuCore
{
    public const int Broker = 0;

    /// <summary>Where the load runs: the second core where there is one.</summary>
    public static int Load { get; } = Math.Min(1, Environment.ProcessorCount - 1);

    /// <summary>Every thread that this process has now; threads started later inherit it.</summary>
    public static void MoveThisProcess(int core)
    {
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
            Move(int.Parse(Path.GetFileName(task)), core);
    }

    /// <summary>
    /// Runs <paramref name="start"/> on <paramref name="core"/>: a process started in it inherits the core, as with taskset but without
    /// the millisecond that one more exec would add to the start-up row.
    /// </summary>
    public static T Run<T>(int core, Func<T> start)
    {
        Move(0, core);
        try
        {
            return start();
        }
        finally
        {
            Move(0, Load);
        }
    }

    /// <summary>The thread that asks.</summary>
    public static void MoveThisThread(int core) => Move(0, core);

    private static void Move(int thread, int core)
    {
        ulong mask = 1UL << core;
        if (Libc.SetAffinity(thread, sizeof(ulong), &mask) != 0)
            throw new Win32Exception();
    }
}
