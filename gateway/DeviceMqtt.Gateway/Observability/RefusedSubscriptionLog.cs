using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// Says which subscriptions are refused: the first of a client and a Reason Code at once, then how many more there were, once a minute. Who had none refused for a minute is
/// forgotten: the next is said at once again. So many have lines of their own; the others are counted together. Owned by the turn.
/// </summary>
internal sealed class RefusedSubscriptionLog(ILogger log, Turn turn)
{
    /// <summary>Clients and Reason Codes that have lines of their own at the same time. Chosen: who looks for the cause needs no more names.</summary>
    public const int NamedMax = 30;

    private const long MinuteMs = 60_000;
    private const int FilterCharactersMax = 200; // chosen: a Topic Filter may have 65,535
    private readonly Dictionary<(string Client, ReasonCode Code), long> _named = []; // with how many came since the last line
    private long _others;
    private long? _beganMs; // null while there is nothing to say

    /// <summary>One more.</summary>
    public void Add(in ClientName client, string filter, ReasonCode code, string why)
    {
        _beganMs ??= turn.NowMs;
        (string, ReasonCode) key = (client.Name, code);
        if (_named.TryGetValue(key, out long count))
        {
            _named[key] = count + 1;
        }
        else if (_named.Count < NamedMax)
        {
            _named.Add(key, 0);
            log.SubscriptionRefused(client, SafeText.Of(filter, FilterCharactersMax), code, why);
        }
        else
        {
            _others++;
        }
    }

    /// <summary>Says how many more there were, once their minute is over.</summary>
    /// <param name="isLast">Without waiting for that.</param>
    public void Report(bool isLast = false)
    {
        if (_beganMs is not { } began || (turn.NowMs - began < MinuteMs && !isLast))
            return;
        foreach (((string client, ReasonCode code) key, long count) in _named.ToArray())
        {
            if (count == 0)
                _ = _named.Remove(key);
            else
                log.MoreSubscriptionsRefused($"client '{SafeText.OfName(key.client)}'", count, key.code);
            if (count > 0)
                _named[key] = 0;
        }

        if (_others > 0)
            log.MoreSubscriptionsRefused("other clients", _others, ReasonCode.UnspecifiedError);
        _others = 0;
        _beganMs = _named.Count > 0 ? turn.NowMs : null;
    }
}
