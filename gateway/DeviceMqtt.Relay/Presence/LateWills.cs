using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Presence;

/// <summary>
/// When who is here is told again, because what is retained upstream may be otherwise than this connection has told:
/// <list type="bullet">
/// <item>Wills of earlier connections may be published behind it. Nodes of a cluster learn of each other's connections with a delay, and one that misses the end of a connection waits for
/// one and a half Keep Alives [MQTT-3.1.2-24].</item>
/// <item>A node of NATS without a leader acknowledges a retained message that it could not store, and only says so in its log.</item>
/// </list>
/// Owned by the turn.
/// </summary>
/// <param name="keepAliveSeconds">What the gateway asks for; 0 for none.</param>
internal sealed class LateWills(int keepAliveSeconds)
{
    private const long SoonMs = 5_000; // chosen: a node of NATS gives up after 4 s what it cannot store,
    private const long LaterMs = 15_000; // and has a leader after 10

    private readonly Queue<long> _due = new();

    /// <summary>Another connection.</summary>
    public void Begin(long nowMs, UplinkTerms terms)
    {
        _due.Clear();
        if (!terms.HasRetain)
            return; // nothing there stays wrong
        _due.Enqueue(nowMs + SoonMs);
        _due.Enqueue(nowMs + LaterMs);
        // Those before will have had the same.
        if (Math.Max(keepAliveSeconds, terms.KeepAliveSeconds ?? 0) is > 0 and int seconds)
            _due.Enqueue(nowMs + (seconds * 1500L) + LaterMs);
    }

    /// <summary>The connection is gone, or about to.</summary>
    public void End() => _due.Clear();

    /// <summary>Who is here is to be told again, now.</summary>
    public bool IsDue(long nowMs) => _due.TryPeek(out long due) && nowMs >= due && _due.TryDequeue(out _);
}
