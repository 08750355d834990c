using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// How many clients fit what this process may have open (RLIMIT_NOFILE; <c>ulimit -n</c>, systemd's LimitNOFILE). What the disk and
/// the runtime need is kept back: a gateway without a handle for its journal would have to stop acknowledging, and one without a
/// handle for the next client would turn round in its accept loop.
/// </summary>
internal static partial class OpenFiles
{
    // Measured on 2026-11-28: a gateway that has just started has 105 open, most of them the files of the runtime.
    private const int ForTheRuntime = 150;

    // What a journal has open at most: its segments.
    private static readonly int BytesPerFile = new JournalOptions().SegmentBytes;

    // Fewer connections are no gateway.
    private const int ConnectionsMin = 16;
    private const int HttpShare = 4; // of what is left, one in so many
    private const int HandshakeShare = 8; // of it, those of connections that are in the middle of a TLS handshake: no client yet, and no seat of HTTP's
    private const int NumberOfOpenFiles = 7; // RLIMIT_NOFILE of Linux

    /// <summary>Lowers the bounds of connections to what the process may have open.</summary>
    /// <param name="limits">Changed where they promise more.</param>
    /// <param name="keepsData">There is a journal.</param>
    /// <param name="hasTls">Something is listened on with TLS.</param>
    /// <param name="open">How many files may be open; see <see cref="Limit"/>.</param>
    /// <returns>A sentence that says what was lowered; null when all fits.</returns>
    /// <exception cref="SettingException">There is not even room for a few clients.</exception>
    public static string? Fit(GatewayLimits limits, bool keepsData, bool hasTls, long open)
    {
        long kept = ForTheRuntime + (keepsData ? limits.JournalBytesMax / BytesPerFile : 0);
        long rest = open - kept;
        if (rest < 2 * ConnectionsMin)
            throw new SettingException($"this process may have {open} files open (ulimit -n, LimitNOFILE); the gateway needs {kept} and one for each client: raise it to {kept + limits.HttpConnectionsMax + limits.ConnectionsMax}");
        int http = (int)Math.Min(limits.HttpConnectionsMax, rest / HttpShare);
        int handshakes = hasTls ? (int)Math.Min(limits.HandshakesMax, rest / HandshakeShare) : 0;
        int connections = (int)Math.Min(limits.ConnectionsMax, rest - http - handshakes);
        bool hasAllHandshakes = !hasTls || handshakes == limits.HandshakesMax;
        if (http == limits.HttpConnectionsMax && connections == limits.ConnectionsMax && hasAllHandshakes)
            return null;
        string said = $"this process may have {open} files open (ulimit -n, LimitNOFILE): Limits:ConnectionsMax is {connections} instead of {limits.ConnectionsMax}, Limits:HttpConnectionsMax {http} instead of {limits.HttpConnectionsMax}";
        if (!hasAllHandshakes)
            said += $", Limits:HandshakesMax {handshakes} instead of {limits.HandshakesMax}";
        (limits.ConnectionsMax, limits.HttpConnectionsMax) = (connections, http);
        if (hasTls)
            limits.HandshakesMax = handshakes;
        return said;
    }

    /// <summary>How many files this process may have open. The runtime has raised the soft limit to the hard one by now.</summary>
    public static long Limit() =>
        OperatingSystem.IsLinux() && GetLimit(NumberOfOpenFiles, out ResourceLimit limit) == 0 ? (long)Math.Min(limit.Soft, long.MaxValue) : long.MaxValue;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    // rlim_t is as wide as the machine's word.
    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
