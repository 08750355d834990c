using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Custody;

/// <summary>What the log says about the journal.</summary>
internal static partial class DurabilityLog
{
    public static void Recovered(this ILogger log, JournalRecovery recovery, in RecoverySummary summary)
    {
        log.Recovered(summary.Sessions, summary.Retained, summary.SessionMessages, summary.MailboxMessages, summary.RelayMessages, recovery.Records, recovery.Bytes, recovery.Elapsed.TotalMilliseconds);
        if (recovery.CutBytes > 0)
            log.TornTail(recovery.CutBytes);
        if (summary.Parked > 0)
            log.Parked(summary.Parked);
        if (summary.WithoutRoom > 0)
            log.WithoutRoom(summary.WithoutRoom);
        if (summary.Lost > 0)
            log.VolatileLost(summary.Lost);
        if (summary.Stale > 0)
            log.Stale(summary.Stale);
    }

    [LoggerMessage(400, LogLevel.Information, "recovered {sessions} sessions, {retained} retained messages, and messages waiting: {sessionMessages} for sessions, {mailboxMessages} for devices, {relayMessages} for the upstream ({records} records, {bytes} bytes, {ms:F0} ms)")]
    private static partial void Recovered(this ILogger log, int sessions, int retained, long sessionMessages, long mailboxMessages, long relayMessages, long records, long bytes, double ms);

    [LoggerMessage(401, LogLevel.Warning, "the last {bytes} bytes of the journal were cut off: they were being written when the gateway was stopped, and nothing in them was acknowledged")]
    private static partial void TornTail(this ILogger log, long bytes);

    [LoggerMessage(402, LogLevel.Warning, "{count} messages wait for an upstream that is not set; they stay until it is")]
    private static partial void Parked(this ILogger log, int count);

    [LoggerMessage(408, LogLevel.Warning, "{count} sessions, subscriptions and retained messages of the journal are gone: this process has no memory for them (Limits:MemoryBytesMax), or there are more than Limits allow")]
    private static partial void WithoutRoom(this ILogger log, int count);

    [LoggerMessage(412, LogLevel.Warning, "{count} messages of topics that are not durable (Topics:0:Durable=false) waited in memory when the gateway ended: they are lost, and counted as NotDurable")]
    private static partial void VolatileLost(this ILogger log, long count);

    [LoggerMessage(413, LogLevel.Warning, "this is the state of a backup: {sessions} sessions are told once that there is none, so that their clients forget what they have under way; each upstream gets QoS 1 at most until it has let go what it had under way, or begins anew; commands that waited are dropped ('devicemqtt status' says when it is over)")]
    public static partial void Restored(this ILogger log, int sessions);

    [LoggerMessage(414, LogLevel.Warning, "{count} commands that waited in the backup are dropped, and counted as Restored: they may have been carried out since, or be stale")]
    private static partial void Stale(this ILogger log, int count);

    [LoggerMessage(416, LogLevel.Warning, "the journal is that of a backup, and has no room for the record that says so: it is tried again each second, and until then nothing is kept. Make room on the disk, or raise Limits:JournalBytesMax")]
    public static partial void RestoreOwed(this ILogger log);

    [LoggerMessage(415, LogLevel.Warning, "the file 'restored' in the folder of the journal cannot be removed; it does no harm, and is tried again each second")]
    public static partial void MarkStays(this ILogger log, Exception exception);

    [LoggerMessage(417, LogLevel.Warning, "the file 'gateway' in the folder of the journal cannot be read or written: until the next start this gateway has another number in what it sends upstream, and knows none of its messages of before if they come back")]
    public static partial void NumberNotKept(this ILogger log, Exception exception);

    [LoggerMessage(403, LogLevel.Critical, "the journal cannot be written any more; nothing is acknowledged until it has been opened anew")]
    public static partial void JournalFailed(this ILogger log, Exception exception);

    [LoggerMessage(404, LogLevel.Warning, "the journal is full ({used} of {max} bytes used, or the disk has no more): messages that would have to be kept are refused")]
    public static partial void JournalFull(this ILogger log, long used, long max);

    [LoggerMessage(405, LogLevel.Information, "the journal has room again")]
    public static partial void JournalHasRoom(this ILogger log);

    [LoggerMessage(406, LogLevel.Error, "the disk does not give back what was written: {what}")]
    public static partial void JournalDamaged(this ILogger log, string what);

    public static void CountedTimeOff(this ILogger log, in TimeOff off)
    {
        if (off.Ms > 0)
            log.TimeOffCounted(off.Ms / 1000, off.Why);
        else
            log.TimeOffNotCounted(off.Why);
    }

    [LoggerMessage(410, LogLevel.Information, "what waits is {seconds} s older than when the gateway stopped, {why}")]
    private static partial void TimeOffCounted(this ILogger log, long seconds, string why);

    [LoggerMessage(411, LogLevel.Information, "the time that the gateway was off is not counted for what waits: {why}")]
    private static partial void TimeOffNotCounted(this ILogger log, string why);

    [LoggerMessage(407, LogLevel.Warning, "the journal waits, and tries again each second: acknowledgements wait with it")]
    public static partial void JournalObstructed(this ILogger log, Exception exception);
}
