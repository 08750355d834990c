using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Threads for long work that everything else goes before: with one core, what computes for long would have the turn wait for its slice.</summary>
internal static partial class BackgroundThread
{
    private const int Niceness = 10; // a tenth of what an ordinary thread gets, when both have work

    /// <param name="name">Of the thread, for whoever looks at the process.</param>
    /// <param name="run">What it does.</param>
    /// <param name="stackBytes">Of its stack; 0 for the default.</param>
    public static void Start(string name, Action run, int stackBytes = 0) =>
        new Thread(() => Run(run), stackBytes) { IsBackground = true, Name = name }.Start();

    private static void Run(Action run)
    {
        // .NET leaves the priority of a thread alone on Linux. Where the system refuses, the thread is as others are.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(which: 0, who: 0, Niceness);
        run();
    }

    // PRIO_PROCESS is 0, and 0 is who calls: on Linux that is the thread.
    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, uint who, int niceness);
}
