using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// Says that two clients fight for one Client Identifier: one line when it begins, and from then on how often they took over, once a minute, in
/// place of a line for each closed connection. The fight is over after a minute without a take-over. Owned by the turn.
/// </summary>
internal sealed class FightLog(ILogger log, Turn turn)
{
    private const long MinuteMs = 60_000;
    private const int FightsMax = 100; // chosen: beyond that, connections that were taken over have lines of their own
    private const int LinesPerMinuteMax = 5; // chosen: a fight has one line when it begins, and few begin in one minute
    private readonly Dictionary<string, Fight> _fights = new(StringComparer.Ordinal);
    private sealed record Fight(ClientName One, ClientName Other, long BeganMs, long TakeOvers = 0);

    private readonly LineLimit _lines = new(LinesPerMinuteMax);

    /// <summary>Two clients have begun to fight. The broker says so again after each short pause; that is the same fight.</summary>
    public void Begin(in ClientName one, in ClientName other)
    {
        if (_fights.ContainsKey(one.Name))
            return;
        if (_fights.Count < FightsMax)
            _fights.Add(one.Name, new Fight(one, other, turn.NowMs));
        if (_lines.TryTake(turn.NowMs, out long withheld))
            log.ClientIdFought(one.ClientId, new LoggedOrigin(one), new LoggedOrigin(other), withheld);
    }

    /// <summary>A connection has ended.</summary>
    /// <returns>True when that is counted here, and needs no line of its own.</returns>
    public bool TryCount(string clientId, CloseReason reason)
    {
        if (reason != CloseReason.SessionTakenOver || !_fights.TryGetValue(clientId, out Fight? fight))
            return false;
        _fights[clientId] = fight with { TakeOvers = fight.TakeOvers + 1 };
        return true;
    }

    /// <summary>Says what was counted in each minute that is over.</summary>
    /// <param name="isLast">At the end: also what was counted since.</param>
    public void Report(bool isLast = false)
    {
        foreach ((string clientId, Fight fight) in _fights)
        {
            if (turn.NowMs - fight.BeganMs < MinuteMs && !isLast)
                continue;
            if (fight.TakeOvers > 0)
                log.ClientIdStillFought(clientId, fight.TakeOvers, (turn.NowMs - fight.BeganMs + 999) / 1000, new LoggedOrigin(fight.One), new LoggedOrigin(fight.Other));
            if (fight.TakeOvers > 0)
                _fights[clientId] = fight with { BeganMs = turn.NowMs, TakeOvers = 0 };
            else
                _ = _fights.Remove(clientId);
        }
    }
}
