using System.Globalization;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary><c>devicemqtt relay aside</c>, on the side of the gateway: shows what is set aside, has it tried again or dropped. Owned by the turn.</summary>
internal sealed class AsideCommands(IReadOnlyList<RelaySession> sessions, WallClock clock) : IAsideCommands
{
    public string Run(string words)
    {
        string[] parts = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is < 2 or > 3)
            return "words missing: list, show, retry or drop; the upstream; a number or all";
        if (sessions.FirstOrDefault(s => s.Name == parts[1]) is not { } session)
            return $"there is no upstream '{parts[1]}'; there are: {string.Join(", ", sessions.Select(static s => s.Name))}";
        AsideMessages aside = session.Buffer.SetAsides;
        if (parts[0] == "list")
            return aside.Count == 0 ? "nothing is set aside" : string.Join('\n', aside.All.Select(a => AsideText.Line(a.Number, a.Queued.Message, a.Why, clock)));
        int[] numbers = parts.Length < 3 ? [] : parts[2] == "all" ? [.. aside.All.Select(static a => a.Number)]
            : int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? [number] : [];
        if (numbers.Length == 0 && parts is not [_, _, "all"])
            return "which? a number as 'list' shows it, or all";
        return parts[0] switch
        {
            "show" => string.Join('\n', numbers.Select(n => Show(aside, n))),
            "retry" => Retry(session, numbers),
            "drop" => $"{numbers.Count(session.Buffer.TryDropAside)} of {numbers.Length} dropped",
            _ => $"'{parts[0]}' is none of list, show, retry and drop",
        };
    }

    // What waits again leaves at once. What finds no place in the backlog stays aside: nothing that waits is dropped for it.
    private static string Retry(RelaySession session, int[] numbers)
    {
        int done = numbers.Count(session.Buffer.TryTakeBack);
        int stay = numbers.Count(n => session.Buffer.SetAsides.Find(n) is not null);
        session.Tick();
        return $"{done} of {numbers.Length} wait again{(stay == 0 ? "" : $"; the backlog has no place for {stay}, which stay aside: try again when it has gone up")}";
    }

    private string Show(AsideMessages aside, int number)
    {
        foreach ((int found, QueuedMessage queued, AsideReason why) in aside.All)
            if (found == number)
                return $"{AsideText.Line(number, queued.Message, why, clock)}\n{AsideText.Payload(queued.Message.Payload)}";
        return $"there is no {number}";
    }
}
