using System.Runtime.InteropServices;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>What a start found on disk, for the log.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RecoverySummary(int Sessions, int Retained, long SessionMessages, long MailboxMessages, long RelayMessages, int Parked, int WithoutRoom = 0)
{
    /// <summary>Messages of volatile topics that waited in memory when the gateway ended, as far as it had written how many.</summary>
    public long Lost { get; init; }

    /// <summary>Commands that waited in the backup from which the gateway was restored.</summary>
    public int Stale { get; init; }
}
