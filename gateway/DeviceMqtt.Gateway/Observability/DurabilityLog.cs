using DeviceMqtt.Gateway.Durability;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Observability;

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
    }

    [LoggerMessage(400, LogLevel.Information, "recovered {sessions} sessions, {retained} retained messages, and messages waiting: {sessionMessages} for sessions, {mailboxMessages} for devices, {relayMessages} for the upstream ({records} records, {bytes} bytes, {ms:F0} ms)")]
    private static partial void Recovered(this ILogger log, int sessions, int retained, long sessionMessages, long mailboxMessages, long relayMessages, long records, long bytes, double ms);

    [LoggerMessage(401, LogLevel.Warning, "the last {bytes} bytes of the journal were cut off: they were being written when the gateway was stopped, and nothing in them was acknowledged")]
    private static partial void TornTail(this ILogger log, long bytes);

    [LoggerMessage(402, LogLevel.Warning, "{count} messages wait for an upstream that is not set; they stay until it is")]
    private static partial void Parked(this ILogger log, int count);

    [LoggerMessage(403, LogLevel.Critical, "the journal cannot be written any more; nothing is acknowledged, and the gateway stops to recover")]
    public static partial void JournalFailed(this ILogger log, Exception exception);
}
