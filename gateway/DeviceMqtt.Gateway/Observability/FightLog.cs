using System.Net;
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
    private readonly Dictionary<string, (long BeganMs, long TakeOvers)> _fights = new(StringComparer.Ordinal);
    private readonly LineLimit _lines = new(LinesPerMinuteMax);

    /// <summary>Two clients have begun to fight. The broker says so again after each short pause; that is the same fight.</summary>
    public void Begin(string clientId, EndPoint? one, EndPoint? other)
    {
        if (_fights.ContainsKey(clientId))
            return;
        if (_fights.Count < FightsMax)
            _fights.Add(clientId, (turn.NowMs, 0));
        if (_lines.TryTake(turn.NowMs, out long withheld))
            log.ClientIdFought(clientId, one, other, withheld);
    }

    /// <summary>A connection has ended.</summary>
    /// <returns>True when that is counted here, and needs no line of its own.</returns>
    public bool TryCount(string clientId, CloseReason reason)
    {
        if (reason != CloseReason.SessionTakenOver || !_fights.TryGetValue(clientId, out (long BeganMs, long TakeOvers) fight))
            return false;
        _fights[clientId] = fight with { TakeOvers = fight.TakeOvers + 1 };
        return true;
    }

    /// <summary>Says what was counted in each minute that is over.</summary>
    /// <param name="isLast">At the end: also what was counted since.</param>
    public void Report(bool isLast = false)
    {
        foreach ((string clientId, (long beganMs, long takeOvers)) in _fights)
        {
            if (turn.NowMs - beganMs < MinuteMs && !isLast)
                continue;
            if (takeOvers > 0)
                log.ClientIdStillFought(clientId, takeOvers, (turn.NowMs - beganMs + 999) / 1000);
            if (takeOvers > 0)
                _fights[clientId] = (turn.NowMs, 0);
            else
                _ = _fights.Remove(clientId);
        }
    }
}
