using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Routing;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>Publishes Will Messages, and keeps those of 3.x clients that are given time to come back (<see cref="GroupPolicy.WillDelaySeconds"/>).</summary>
internal sealed class Wills(Ground ground, SessionTable sessions, RouteCache routes, Router router)
{
    private readonly Dictionary<string, (WillMessage Will, Owner Owner, long DueMs)> _waiting = new(StringComparer.Ordinal);

    /// <summary>Publishes the Will unless the client is back before then. As many wait as there may be Sessions, and as there is memory for; a further one is published at once.</summary>
    public void PublishLater(string clientId, WillMessage will, Owner owner, long dueMs)
    {
        Forget(clientId);
        if (_waiting.Count >= ground.Limits.SessionsMax || !owner[Good.Memory].TryTake(SessionHoldings.CostOf(will)))
        {
            ground.Custody.WillIs(clientId, null);
            Publish(will, publisher: null);
        }
        else
            _waiting.Add(clientId, (will, owner, dueMs));
    }

    /// <summary>The client is back: it was never away.</summary>
    public void ClientIsBack(string clientId) => Forget(clientId);

    /// <summary>
    /// The gateway was away and does not know what became of the client. A Session that goes on may delay its Will
    /// [MQTT-3.1.3-9]; all others are published now.
    /// </summary>
    public void PublishAfterRestart(string clientId, WillMessage will)
    {
        if (will.Properties.DelaySeconds > 0 && sessions.Find(clientId) is { IsDurable: true } session)
        {
            session.Will = new PendingWill(will) { DueMs = ground.Turn.NowMs + (Math.Min(will.Properties.DelaySeconds, session.ExpirySeconds) * 1000L) };
            ground.Custody.WillIs(clientId, will);
            return;
        }

        ground.Custody.WillIs(clientId, null);
        Publish(will, publisher: null);
    }

    public bool IsWaiting(string clientId) => _waiting.ContainsKey(clientId);

    /// <returns>False when the slice was over before all that are due were published.</returns>
    public bool PublishDue(Turn turn)
    {
        if (_waiting.Count == 0)
            return true;
        foreach ((string clientId, (WillMessage will, _, _)) in _waiting.Where(w => w.Value.DueMs <= turn.NowMs).ToArray())
        {
            if (turn.IsSliceOver)
                return false;
            Forget(clientId);
            ground.Custody.WillIs(clientId, null);
            Publish(will, publisher: null);
        }

        return true;
    }

    private void Forget(string clientId)
    {
        if (_waiting.Remove(clientId, out (WillMessage Will, Owner Owner, long DueMs) gone))
            gone.Owner[Good.Memory].Give(SessionHoldings.CostOf(gone.Will));
    }

    public void Publish(WillMessage will, Session? publisher)
    {
        Route route = routes.Get(will.Topic);
        if (route.IsReserved)
        {
            ground.Counters.Drop(new Drop(DropReason.ReservedTopic, publisher is null ? DropOwner.Topic(will.Topic) : DropOwner.Client(publisher.ClientId), will.Topic, will.Payload.Length));
            return;
        }

        Publication publication = new()
        {
            Route = route,
            QoS = will.QoS,
            Retain = will.Retain,
            Payload = will.Payload,
            Properties = will.Properties.PublishProperties,
            Publisher = publisher,
            Owner = publisher?.Holdings.Owner,
            NowMs = ground.Turn.NowMs,
        };
        publication.LimitLifetime(ForwardedProperties.ExpirySeconds(will.Properties.PublishProperties));
        _ = router.Publish(ref publication);
    }
}
