using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Journal;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What may be wrong with the gateway itself, its disk and its upstreams.</summary>
internal static class GatewayRules
{
    private const double NearBound = 0.8;
    private const long DownMs = 15_000; // chosen: longer than a broker takes to start again, and as the first tries are apart
    private const int TopicsPerHourMax = 5_000;
    // Chosen: whoever renews certificates by a program does so a month before their end, and the gateway its own with a third of their time left. This one was forgotten.
    private const long CertificateMs = 14 * 86_400_000L;
    private const string RenewIt = "Is it the gateway's own? Put tls/ca.key back and run 'devicemqtt cert renew'. Is it yours? Replace the file. The gateway reads it by itself.";

    public static Note? JournalNearBound(in JournalStatus journal) =>
        journal.IsFailed ? new Note("journal-failed", NoteLevel.Bad, "", "The disk does not take the journal any more.", "Nothing is acknowledged until the gateway has read it anew.", "Look at the log and at the disk.")
        : journal.IsFull ? new Note("journal-full", NoteLevel.Bad, "", "The journal is full.", "Nothing new that has to be kept is accepted.", "Bring the upstream or the absent clients back, or raise Limits:JournalBytesMax.")
        : journal.LiveBytes >= journal.LiveBytesMax * NearBound
            ? new Note("journal-near-bound", NoteLevel.Warn, "", $"The journal is {journal.LiveBytes * 100 / Math.Max(1, journal.LiveBytesMax)} % full.",
                journal.IsHeldByDisk ? "What waits takes that much of what the disk has left, without Limits:JournalFreeBytesMin; beyond, nothing more is accepted." : "What waits takes that much of what fits into Limits:JournalBytesMax; beyond, nothing more is accepted.",
                journal.IsHeldByDisk ? "Free space on the disk. See Relay and Health, Clients for what waits." : "See Relay and Health, Clients for what waits.")
            : null;

    /// <summary>Until the next start, which reads everything anew: what the log said of it is gone by then.</summary>
    public static Note? JournalDamaged(in JournalStatus journal) =>
        journal.Damaged > 0
            ? new Note("journal-damaged", NoteLevel.Bad, "", "The disk does not give back what was written to it.", $"Since the start {journal.Damaged} {(journal.Damaged == 1 ? "piece" : "pieces")} of the journal could not be read.", "Run 'devicemqtt journal verify', look at the log and at the disk, and replace the SD card.") { Count = journal.Damaged }
            : null;

    public static Note? LedgerUnbalanced(bool isBalanced) =>
        isBalanced ? null : new Note("ledger", NoteLevel.Bad, "", "The ledger does not balance.", "Accepted is not delivered + pending + expired + dropped. That is a fault of the gateway.", "Report it with the log, please.");

    public static Note? UpstreamDown(string name, UplinkStatus status, int waiting, long now) =>
        status.State != UplinkState.Connected && now - status.Since.ToUnixTimeMilliseconds() > DownMs
            ? new Note("upstream-down", NoteLevel.Warn, name, $"The upstream “{name}” is away.", $"For {ClientRules.Duration(now - status.Since.ToUnixTimeMilliseconds())}: {UpstreamWords.Of(status.LastEnd.Reason)}. {Counted.Wait(waiting, "message")}.", UpstreamWords.Todo(status.LastEnd.Reason)) { FirstUnixMs = status.Since.ToUnixTimeMilliseconds() }
            : null;

    public static Note? SetAside(string name, int count) =>
        count > 0 ? new Note("aside", NoteLevel.Warn, name, $"The upstream “{name}” does not take {(count == 1 ? "a message" : $"{Counted.Number(count)} messages")}.", "They were set aside, and the others go on.", "Look at them under Relay: try them again, or drop them.") { Count = count } : null;

    public static Note? RelayNearBound(string name, int waiting, in Fullness fullness)
    {
        string bound = fullness.Bound == FullBound.Messages ? "Limits:RelayMessagesMax" : "Limits:RelayBytesMax";
        return fullness.Part >= NearBound ? new Note("relay-near-bound", NoteLevel.Bad, name, $"The backlog for “{name}” is {fullness.Percent} % full.", $"{Counted.Wait(waiting, "message")}, {fullness.Percent} % of {bound}; beyond, the oldest are lost.", $"Bring the upstream back, or raise {bound}.") : null;
    }

    public static Note? QueuesNearBound(long bytes, long bytesMax) =>
        bytes >= bytesMax * NearBound ? new Note("queues-near-bound", NoteLevel.Warn, "", $"All queues together are {bytes * 100 / bytesMax} % full.", "What waits for clients takes that much of Limits:QueueBytesTotalMax; beyond, what is new is dropped.", "Look under Health, Clients for whom most waits: bring them back or end their sessions, or raise Limits:QueueBytesTotalMax.") : null;

    public static Note? ConnectionsNearBound(int count, GatewayLimits limits) =>
        count >= limits.ConnectionsMax * NearBound ? new Note("connections-near-bound", NoteLevel.Warn, "", $"{Counted.Number(count)} of {Counted.Number(limits.ConnectionsMax)} connections are open.", "Beyond, nobody more gets in.", "Raise Limits:ConnectionsMax, or look who opens so many under Health, Clients.") : null;

    public static Note? TopicsExplode(string below, int count) =>
        count >= TopicsPerHourMax ? new Note("topics-explode", NoteLevel.Warn, below, $"{Counted.Number(count)} new topics below {below} in an hour.", "Each costs memory here and in every client that keeps them.", "Put the changing number into the payload, and not into the topic.") { Count = count } : null;

    public static Note? DevicesNotKept(NotKeptCause cause, GatewayLimits limits) => cause switch
    {
        NotKeptCause.Devices => new Note("devices-not-kept", NoteLevel.Warn, "", "There are more devices than the console keeps.", $"{Counted.Number(limits.KnownDevicesMax)} are kept (Limits:KnownDevicesMax); messages of others still get through.", "Raise Limits:KnownDevicesMax."),
        NotKeptCause.Memory => new Note("devices-no-memory", NoteLevel.Warn, "", "The console has no memory for another device.", "Readings, events and births take all of Console:ReadingsBytesMax; messages of new devices still get through.", "Raise Console:ReadingsBytesMax, or forget devices that are gone."),
        _ => new Note("device-names-long", NoteLevel.Info, "", "Devices have names that are too long for the console.", "It keeps none of more than 256 characters; their messages still get through.", "Give them shorter names: the second level of their topics."),
    };

    /// <summary>The clock was ahead when it was made, or is behind now: nobody tells the two apart but people.</summary>
    /// <param name="file">Where the certificate is.</param>
    /// <param name="from">From when on it is valid, in milliseconds since 1970.</param>
    /// <param name="now">In milliseconds since 1970.</param>
    public static Note? CertificateNotYet(string file, long from, long now) =>
        now < from
            ? new Note("certificate-not-yet", NoteLevel.Bad, "", "The certificate is not valid yet.", $"'{file}' is valid from {DateTimeOffset.FromUnixTimeMilliseconds(from):yyyy-MM-dd} on: until then clients that look at it do not connect with TLS. The clock was ahead when it was made, or is behind now.", "Is the clock of this machine wrong? Set it. Is it right, and the certificate the gateway's own? 'devicemqtt cert show' says what to do. Is it yours? Replace the file.")
            : null;

    /// <param name="file">Where the certificate is.</param>
    /// <param name="until">When it ends, in milliseconds since 1970.</param>
    /// <param name="now">In milliseconds since 1970.</param>
    public static Note? CertificateEnds(string file, long until, long now) =>
        until <= now
            ? new Note("certificate-ends", NoteLevel.Bad, "", "The certificate has ended.", $"'{file}' is not valid any more: clients that look at it do not connect with TLS.", RenewIt)
        : until - now < CertificateMs
            ? new Note("certificate-ends", NoteLevel.Warn, "", $"The certificate ends in {ClientRules.Duration(until - now)}.", $"'{file}' is not valid then, and clients that look at it do not connect with TLS.", RenewIt)
            : null;

    public static Note? OpenToAll(bool isAnonymous) =>
        isAnonymous ? new Note("anonymous", NoteLevel.Warn, "", "Anybody may connect.", "Security:AllowAnonymous lets clients in without a password, from other machines too.", "Add users, and take the setting away.") : null;
}
