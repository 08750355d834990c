using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Relay.Link;

/// <summary>What Linux has for who gathers, and .NET does not: tcp(7) TCP_QUICKACK, nanosleep(2).</summary>
internal static partial class LinuxWaits
{
    private const int LevelTcp = 6; // IPPROTO_TCP
    private const int QuickAck = 12; // TCP_QUICKACK

    /// <summary>What has come is acknowledged now, and not up to 40 ms later: who sends without TCP_NODELAY holds back small packets until then. It holds until the next read.</summary>
    /// <exception cref="SocketException">The socket is closed.</exception>
    public static void AcknowledgeNow(Socket socket) => socket.SetRawSocketOption(LevelTcp, QuickAck, [1, 0, 0, 0]);

    /// <summary>Has the thread wait; .NET knows milliseconds alone.</summary>
    /// <param name="microseconds">0 to 999,999.</param>
    public static void Wait(int microseconds)
    {
        TimeSpec time = new(0, microseconds * 1000);
        _ = NanoSleep(time, 0); // a signal ends it early, which does no harm
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NanoSleep(in TimeSpec time, nint left);
}
