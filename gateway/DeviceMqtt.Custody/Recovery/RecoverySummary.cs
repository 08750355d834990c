using System.Runtime.InteropServices;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>What a start found on disk, for the log.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RecoverySummary(int Sessions, int Retained, long SessionMessages, long MailboxMessages, long RelayMessages, int Parked, int WithoutRoom = 0);
