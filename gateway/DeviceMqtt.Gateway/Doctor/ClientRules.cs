using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What may be wrong with a client, told from its connections and from what waits for it.</summary>
internal static class ClientRules
{
    internal const long TenMinutesMs = 600_000;
    private const long HourMs = 3_600_000;
    private const int TakeOversMin = 3;
    private const int ChangesOfAddressMin = 3; // to and fro and to: one board that found another access point comes from two addresses as well
    private const int CutOffsMin = 3;
    private const int DropsMin = 4;
    private const int VisitsMin = 3; // the least of these
    private const double PeriodTolerance = 0.1;
    private const double HereMin = 0.5; // of the time between breaks; a board that sleeps is here for some of it
    private const double NearBound = 0.8;
    private const long TakesNothingMs = 30_000; // chosen: longer than a link that is bad for a moment, and than a program that stores what it got

    /// <summary>Adds what is wrong. Of ten thousand clients nearly all are well, and nothing is made for those.</summary>
    public static void Look(in ClientFacts client, long nowMs, List<Note> notes)
    {
        // Less can be told of none.
        if (client.Visits.Count >= VisitsMin)
        {
            notes.AddFound(TwoWithOneId(client, nowMs) ?? ReconnectsUnnoticed(client, nowMs));
            notes.AddFound(KeepAliveTooShort(client, nowMs));
            notes.AddFound(DropsOffRegularly(client, nowMs));
        }

        notes.AddFound(NeverAcknowledges(client) ?? QueueNearBound(client));
        notes.AddFound(SubscribesToAll(client));
    }

    public static Note? TwoWithOneId(ClientFacts client, long nowMs)
    {
        List<Visit> taken = TakenOver(client, nowMs);
        if (taken.Count < TakeOversMin || !(client.IsFought || ChangesOfAddress(taken) >= ChangesOfAddressMin))
            return null;
        string[] addresses = [.. client.Visits.Where(v => nowMs - v.FromMs < TenMinutesMs).Select(static v => v.Address).Where(static a => a.Length > 0).Distinct(StringComparer.Ordinal).Take(3)];
        string where = addresses.Length > 1 ? string.Join(" and ", addresses) : addresses.Length == 1 ? $"both from {addresses[0]}" : "";
        return new Note("two-with-one-id", NoteLevel.Bad, client.ClientId, $"Two clients use the id “{client.ClientId}”.", $"They throw each other out, {Times(taken)} in the last 10 minutes{(where.Length > 0 ? $": {where}" : "")}.",
            "Give one of them another name and flash it again.")
        { FirstUnixMs = taken[0].ToUnixMs, LastUnixMs = taken[^1].ToUnixMs, Count = taken.Count };
    }

    public static Note? ReconnectsUnnoticed(ClientFacts client, long nowMs)
    {
        List<Visit> taken = TakenOver(client, nowMs);
        return taken.Count < TakeOversMin ? null
            : new Note("reconnects-unnoticed", NoteLevel.Warn, client.ClientId, $"“{client.ClientId}” connects again before its old connection is noticed to be gone.", $"{Times(taken)} in the last 10 minutes, from one place.",
                "Look at its signal and its supply, and set a shorter Keep Alive. Is there another client of that name? Then rename one of them.")
            { FirstUnixMs = taken[0].ToUnixMs, LastUnixMs = taken[^1].ToUnixMs, Count = taken.Count };
    }

    private static List<Visit> TakenOver(in ClientFacts client, long nowMs)
    {
        List<Visit> taken = [];
        foreach (Visit visit in client.Visits)
            if (visit.Reason == CloseReason.SessionTakenOver && nowMs - visit.ToMs < TenMinutesMs)
                taken.Add(visit);
        return taken;
    }

    private static int ChangesOfAddress(List<Visit> visits) => visits.Skip(1).Zip(visits, static (after, before) => after.Address != before.Address).Count(static changed => changed);

    private static string Times(List<Visit> taken) => taken.Count >= ClientBook.VisitsMax - 2 ? $"at least {taken.Count} times" : $"{taken.Count} times";

    public static Note? KeepAliveTooShort(ClientFacts client, long nowMs)
    {
        List<Visit> cut = [.. client.Visits.Where(v => v.Reason == CloseReason.KeepAliveTimeout && nowMs - v.ToMs < HourMs)];
        if (cut.Count < CutOffsMin)
            return null;
        string promise = client.KeepAliveSeconds > 0 ? $"It promises a sign each {client.KeepAliveSeconds} s and is silent for longer" : "It is silent for longer than its Keep Alive";
        return new Note("keep-alive", NoteLevel.Warn, client.ClientId, $"“{client.ClientId}” is silent for too long.", $"{promise}: cut off {cut.Count} times in the last hour.",
            "Set a Keep Alive of at least twice the longest pause of its program, or look at its Wi-Fi.")
        { FirstUnixMs = cut[0].ToUnixMs, LastUnixMs = cut[^1].ToUnixMs, Count = cut.Count };
    }

    public static Note? DropsOffRegularly(ClientFacts client, long nowMs)
    {
        List<Visit> broken = [.. client.Visits.Where(static v => v.Reason is CloseReason.ClientGone or CloseReason.KeepAliveTimeout or CloseReason.PacketStalled or CloseReason.SessionTakenOver && v.IsOver).TakeLast(DropsMin)];
        if (broken.Count < DropsMin)
            return null;
        List<long> steps = [.. broken.Skip(1).Zip(broken, static (after, before) => after.ToMs - before.ToMs)];
        double mean = steps.Average();
        if (mean < 60_000 || steps.Exists(step => Math.Abs(step - mean) > mean * PeriodTolerance))
            return null;
        long hereMs = broken.Skip(1).Sum(static v => v.ToMs - v.FromMs);
        // The next break is an hour late: its cause is gone. And a board that is here for a moment each time sleeps, and says no DISCONNECT.
        if (nowMs - broken[^1].ToMs > mean + HourMs || hereMs < steps.Sum() * HereMin)
            return null;
        return new Note("drops-regularly", NoteLevel.Warn, client.ClientId, $"“{client.ClientId}” drops off every {Duration(mean)}.", $"The last {DropsMin} breaks are as far apart as that.",
            "Look for something in the router that takes this long: the DHCP lease, the key renewal of the Wi-Fi, a nightly restart.")
        { FirstUnixMs = broken[0].ToUnixMs, LastUnixMs = broken[^1].ToUnixMs, Count = DropsMin };
    }

    public static Note? NeverAcknowledges(ClientFacts client) =>
        client.IsConnected && client.InFlight > 0 && client.InFlight >= client.InFlightMax && client.Waiting > 0 && client.TookNothingMs >= TakesNothingMs
            ? new Note("never-acknowledges", NoteLevel.Bad, client.ClientId, $"“{client.ClientId}” does not acknowledge.", $"For {Duration(client.TookNothingMs)}: {Counted.Were(client.InFlight, "message")} sent to it without an answer, and {Counted.Number(client.Waiting)} more {(client.Waiting == 1 ? "waits" : "wait")}.",
                "Restart its program. If it is slow and not stuck, have it subscribe to less.")
            : null;

    public static Note? QueueNearBound(ClientFacts client) =>
        client.Queue.Part >= NearBound
            ? new Note("queue-near-bound", NoteLevel.Warn, client.ClientId, client.Queue.Bound == FullBound.Share ? $"The user of “{client.ClientId}” has {client.Queue.Percent} % of what may wait for it." : $"The queue of “{client.ClientId}” is {client.Queue.Percent} % full.",
                $"{Counted.Wait(client.Waiting, "message")}, {client.Queue.Percent} % of {QueueBoundOf(client.Queue.Bound)}; beyond, the oldest are lost.",
                client.IsConnected ? $"Have it read faster, or raise {QueueBoundOf(client.Queue.Bound)}." : $"It is away: bring it back, end its session under Health, Clients, or raise {QueueBoundOf(client.Queue.Bound)}.")
            : null;

    /// <param name="clientId">Whose mailbox.</param>
    /// <param name="waiting">Messages in it.</param>
    /// <param name="fullness">How full that is.</param>
    public static Note? MailboxNearBound(string clientId, int waiting, in Fullness fullness) =>
        fullness.Part >= NearBound
            ? new Note("mailbox-near-bound", NoteLevel.Warn, clientId, $"The mailbox of “{clientId}” is {fullness.Percent} % full.", $"{Counted.Wait(waiting, "command")}, {fullness.Percent} % of {MailboxBoundOf(fullness.Bound)}; beyond, the oldest are lost.",
                $"Wake the device, send it less while it is away, or raise {MailboxBoundOf(fullness.Bound)}.")
            : null;

    private static string QueueBoundOf(FullBound bound) => bound switch
    {
        FullBound.Messages => "Limits:QueueMessagesMax",
        FullBound.Bytes => "Limits:QueueBytesMax",
        _ => "Limits:SharePercentMax of Limits:QueueBytesTotalMax",
    };

    private static string MailboxBoundOf(FullBound bound) => bound switch
    {
        FullBound.Messages => "MailboxMessagesMax (Limits, or its group's Policies)",
        FullBound.Bytes => "MailboxBytesMax (Limits, or its group's Policies)",
        _ => "Limits:SharePercentMax of Limits:QueueBytesTotalMax",
    };

    public static Note? SubscribesToAll(ClientFacts client) =>
        client is { HasAllFilter: true, IsConnected: true }
            ? new Note("subscribes-to-all", NoteLevel.Info, client.ClientId, $"“{client.ClientId}” subscribes to #.", "It gets every message of every client.", "Narrow its filter to what it needs, for instance dm/+/tele/#.")
            : null;

    internal static string Duration(double ms) =>
        ms >= 2 * 86_400_000 ? $"{ms / 86_400_000:0} days" : ms >= 2 * 3_600_000 ? $"{ms / 3_600_000:0.#} hours" : ms >= 120_000 ? $"{ms / 60_000:0} minutes" : $"{ms / 1000:0} seconds";
}
