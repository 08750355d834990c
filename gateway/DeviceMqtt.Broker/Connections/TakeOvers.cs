using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// A CONNECT whose Client Identifier is connected already [MQTT-3.1.4-2]. What the old connection had sent when the CONNECT
/// came counts first, its DISCONNECT too: the CONNECT is held until that is read.
/// <list type="bullet">
/// <item>Held for <see cref="GatewayLimits.TakeOverMs"/> at most, and until <see cref="BytesMax"/> were read: an old connection
/// that is held back itself, or never stops sending, keeps nobody out.</item>
/// <item>One CONNECT for each Client Identifier: the newest takes the place of the one before, which is closed.</item>
/// <item>Two that take over from each other again and again are held for the whole time, and told of once.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class TakeOvers(BrokerState broker, TimeProvider time)
{
    // Chosen: the largest packet there is by default. More than a socket and its pipe hold is not from before.
    private const long BytesMax = 1024 * 1024;

    // The transport may have taken bytes out of the socket and not have handed them over yet: one more look finds them.
    private const int QuietReads = 2;

    // Chosen: five take-overs, each within ten seconds of the one before. A board that comes back to a bad network is slower.
    private const int FightTakeOvers = 5;
    private const long FightMs = 10_000;
    private const int FightsMax = 1_000;

    private readonly Dictionary<string, TakeOver> _underWay = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long LastMs, int TakeOvers)> _recent = new(StringComparer.Ordinal);
    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(broker.Limits.TakeOverMs);

    /// <summary>A CONNECT has to wait until the old connection is read: it has not waited yet, or another waits.</summary>
    public bool HasToHold(MqttConnection young, HeldConnect held) =>
        (_underWay.TryGetValue(held.ClientId, out TakeOver? other) && other.Young != young) || (!held.WaitsForTakeOver && broker.Limits.TakeOverMs != 0);

    /// <summary>Has it wait, or closes it for a newer one. What it takes in memory was taken.</summary>
    public void Hold(MqttConnection young, HeldConnect held, MqttConnection old)
    {
        if (_underWay.TryGetValue(held.ClientId, out TakeOver? other) && other.Young != young)
        {
            if (other.Number > held.Number)
            {
                CloseFor(young);
                return;
            }

            CloseFor(other.Young);
            other.PassTo(young, held.Number);
            Hold(young, held);
            return;
        }

        TakeOver takeOver = new(held.ClientId, old, young, held.Number);
        takeOver.Timer = time.CreateTimer(_ => TimeIsOver(takeOver), null, _timeout, Timeout.InfiniteTimeSpan);
        _underWay[held.ClientId] = takeOver;
        Hold(young, held);
        old.IsBeingTakenOver = true;
        old.WakeReader();
    }

    /// <summary>The old connection was read once more.</summary>
    /// <param name="old">Which one.</param>
    /// <param name="bytes">Read, and handled.</param>
    /// <param name="hasMore">More is there already, and will be read next.</param>
    public void OldWasRead(MqttConnection old, long bytes, bool hasMore)
    {
        TakeOver takeOver = _underWay[old.Session!.ClientId];
        if (takeOver.IsReadOut)
            return;
        takeOver.Bytes += bytes;
        bool isQuiet = !hasMore && old.Transport.BytesUnread() is null or 0;
        if (isQuiet)
            takeOver.QuietReads++;
        takeOver.IsReadOut = takeOver.QuietReads >= QuietReads || takeOver.Bytes > BytesMax;
        if (takeOver.IsReadOut && !IsFought(takeOver.ClientId))
            Finish(takeOver);
        else if (isQuiet && !takeOver.IsReadOut)
            old.WakeReader();
    }

    /// <summary>A connection has ended, the old one of a take-over or the one that waits.</summary>
    public void Ended(MqttConnection connection)
    {
        if (connection.IsBeingTakenOver)
            Finish(_underWay[connection.Session!.ClientId]);
        else if (connection.Held is { WaitsForTakeOver: true } held && _underWay.TryGetValue(held.ClientId, out TakeOver? own) && own.Young == connection)
            Forget(own);
    }

    /// <summary>A connection took over from another.</summary>
    public void Count(string clientId, MqttConnection old, MqttConnection young)
    {
        long now = broker.Turn.NowMs;
        if (_recent.Count >= FightsMax)
            _recent.Clear();
        (long lastMs, int count) = _recent.GetValueOrDefault(clientId);
        count = now - lastMs <= FightMs ? count + 1 : 1;
        _recent[clientId] = (now, count);
        if (count == FightTakeOvers)
            broker.Events.ClientIdFought(old.Name, young.Name);
    }

    private bool IsFought(string clientId) =>
        _recent.TryGetValue(clientId, out (long LastMs, int TakeOvers) recent) && recent.TakeOvers >= FightTakeOvers && broker.Turn.NowMs - recent.LastMs <= FightMs;

    private void TimeIsOver(TakeOver takeOver)
    {
        using Turn.Scope scope = broker.Turn.Enter();
        // It may have ended while this waited for the turn.
        if (_underWay.GetValueOrDefault(takeOver.ClientId) == takeOver)
            Finish(takeOver);
    }

    private void Finish(TakeOver takeOver)
    {
        Forget(takeOver);
        takeOver.Young.GoOn();
    }

    private void Forget(TakeOver takeOver)
    {
        _ = _underWay.Remove(takeOver.ClientId);
        takeOver.Old.IsBeingTakenOver = false;
        takeOver.Timer?.Dispose();
    }

    private static void Hold(MqttConnection young, HeldConnect held)
    {
        held.WaitsForTakeOver = true;
        young.Hold(held);
    }

    /// <summary>Ends a connection for a newer one.</summary>
    /// <param name="connection">Accepted, or with a CONNECT that waits.</param>
    /// <param name="code">What a 5.0 client is told, where it was accepted.</param>
    public static void CloseFor(MqttConnection connection, ReasonCode? code = null) =>
        connection.Close(CloseReason.SessionTakenOver, "a newer connection has the same Client Identifier", code);
}
