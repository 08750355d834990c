using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What may be wrong with a client, told from its connections and from what waits for it.</summary>
internal static class ClientRules
{
    private const long TenMinutesMs = 600_000;
    private const long HourMs = 3_600_000;
    private const int TakeOversMin = 3;
    private const int CutOffsMin = 3;
    private const int DropsMin = 4;
    private const int VisitsMin = 3; // the least of these
    private const double PeriodTolerance = 0.1;
    private const double NearBound = 0.8;

    /// <summary>Adds what is wrong. Of ten thousand clients nearly all are well, and nothing is made for those.</summary>
    public static void Look(in ClientFacts client, long now, List<Note> notes)
    {
        // Less can be told of none.
        if (client.Visits.Count >= VisitsMin)
        {
            notes.AddFound(TwoWithOneId(client, now));
            notes.AddFound(KeepAliveTooShort(client, now));
            notes.AddFound(DropsOffRegularly(client));
        }

        notes.AddFound(NeverAcknowledges(client) ?? QueueNearBound(client));
        notes.AddFound(SubscribesToAll(client));
    }

    public static Note? TwoWithOneId(ClientFacts client, long now)
    {
        List<Visit> taken = [.. client.Visits.Where(v => v.Reason == CloseReason.SessionTakenOver && now - v.ToUnixMs < TenMinutesMs)];
        if (taken.Count < TakeOversMin)
            return null;
        string[] addresses = [.. client.Visits.Where(v => now - v.FromUnixMs < TenMinutesMs).Select(static v => v.Address).Where(static a => a.Length > 0).Distinct(StringComparer.Ordinal).Take(3)];
        string where = addresses.Length > 1 ? string.Join(" and ", addresses) : addresses.Length == 1 ? $"both from {addresses[0]}" : "";
        string times = taken.Count >= ClientBook.VisitsMax - 2 ? $"at least {taken.Count} times" : $"{taken.Count} times";
        return new Note("two-with-one-id", NoteLevel.Bad, client.ClientId, $"Two clients use the id “{client.ClientId}”.", $"They throw each other out, {times} in the last 10 minutes{(where.Length > 0 ? $": {where}" : "")}.",
            "Give one of them another name and flash it again.")
        { FirstUnixMs = taken[0].ToUnixMs, LastUnixMs = taken[^1].ToUnixMs, Count = taken.Count };
    }

    public static Note? KeepAliveTooShort(ClientFacts client, long now)
    {
        List<Visit> cut = [.. client.Visits.Where(v => v.Reason == CloseReason.KeepAliveTimeout && now - v.ToUnixMs < HourMs)];
        if (cut.Count < CutOffsMin)
            return null;
        string promise = client.KeepAliveSeconds > 0 ? $"It promises a sign each {client.KeepAliveSeconds} s and is silent for longer" : "It is silent for longer than its Keep Alive";
        return new Note("keep-alive", NoteLevel.Warn, client.ClientId, $"“{client.ClientId}” is silent for too long.", $"{promise}: cut off {cut.Count} times in the last hour.",
            "Set a Keep Alive of at least twice the longest pause of its program, or look at its Wi-Fi.")
        { FirstUnixMs = cut[0].ToUnixMs, LastUnixMs = cut[^1].ToUnixMs, Count = cut.Count };
    }

    public static Note? DropsOffRegularly(ClientFacts client)
    {
        List<long> ends = [.. client.Visits.Where(static v => v.Reason is CloseReason.ClientGone or CloseReason.KeepAliveTimeout or CloseReason.PacketStalled or CloseReason.SessionTakenOver && v.ToUnixMs > 0).Select(static v => v.ToUnixMs)];
        if (ends.Count < DropsMin)
            return null;
        List<long> steps = [.. ends.Skip(1).Zip(ends, static (after, before) => after - before).TakeLast(DropsMin - 1)];
        double mean = steps.Average();
        if (mean < 60_000 || steps.Exists(step => Math.Abs(step - mean) > mean * PeriodTolerance))
            return null;
        return new Note("drops-regularly", NoteLevel.Warn, client.ClientId, $"“{client.ClientId}” drops off every {Duration(mean)}.", $"The last {steps.Count + 1} breaks are as far apart as that.",
            "Look for something in the router that takes this long: the DHCP lease, the key renewal of the Wi-Fi, a nightly restart.")
        { FirstUnixMs = ends[^DropsMin], LastUnixMs = ends[^1], Count = DropsMin };
    }

    public static Note? NeverAcknowledges(ClientFacts client) =>
        client.IsConnected && client.InFlight > 0 && client.InFlight >= client.InFlightMax && client.Waiting > client.InFlightMax
            ? new Note("never-acknowledges", NoteLevel.Bad, client.ClientId, $"“{client.ClientId}” does not acknowledge.", $"{client.InFlight} messages were sent to it without an answer, and {client.Waiting} more wait.",
                "Restart its program. If it is slow and not stuck, have it subscribe to less.")
            : null;

    public static Note? QueueNearBound(ClientFacts client) =>
        client.Waiting >= client.WaitingMax * NearBound
            ? new Note("queue-near-bound", NoteLevel.Warn, client.ClientId, $"The queue of “{client.ClientId}” is {client.Waiting * 100L / client.WaitingMax} % full.", $"{client.Waiting} of {client.WaitingMax} messages wait; beyond, the oldest are lost.",
                client.IsConnected ? "Have it read faster, or raise Limits:QueueMessagesMax." : "It is away: bring it back, end its session under Health, Clients, or raise Limits:QueueMessagesMax.")
            : null;

    public static Note? SubscribesToAll(ClientFacts client) =>
        client is { HasAllFilter: true, IsConnected: true }
            ? new Note("subscribes-to-all", NoteLevel.Info, client.ClientId, $"“{client.ClientId}” subscribes to #.", "It gets every message of every client.", "Narrow its filter to what it needs, for instance dm/+/tele/#.")
            : null;

    internal static string Duration(double ms) =>
        ms >= 2 * 86_400_000 ? $"{ms / 86_400_000:0} days" : ms >= 2 * 3_600_000 ? $"{ms / 3_600_000:0.#} hours" : ms >= 120_000 ? $"{ms / 60_000:0} minutes" : $"{ms / 1000:0} seconds";
}
