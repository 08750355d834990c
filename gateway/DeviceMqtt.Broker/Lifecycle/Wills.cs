using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Routing;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>
/// Publishes Will Messages, and keeps those of 3.x clients that are given time to come back (<see cref="GroupPolicy.WillDelaySeconds"/>).
/// Whether the client may publish there was asked at its CONNECT, and is asked again now: a right may have been taken, and a device that
/// nobody knew may be known.
/// </summary>
internal sealed class Wills(Ground ground, SessionTable sessions, RouteCache routes, Router router, FanOuts fanOuts, P2PAuthority authority, TellersOfPresence tellers)
{
    /// <summary>Milliseconds until what found no room is looked at again. Chosen: with a beat.</summary>
    public const int AgainMs = 1_000;

    /// <summary>Milliseconds until what was at hand in a fault of the gateway is tried again. Chosen: it may be wrong each time, and is behind all others by then.</summary>
    public const int AgainBehindFaultMs = 30_000;

    private readonly Dictionary<string, (ClientIdentity Client, WillMessage Will, Owner Owner)> _waiting = new(StringComparer.Ordinal);
    private readonly DueTimes<string> _due = new();

    /// <summary>Publishes the Will unless the client is back before then. As many wait as there may be Sessions, and as there is memory for; a further one is published at once.</summary>
    public void PublishLater(in ClientIdentity client, WillMessage will, Owner owner, long dueMs)
    {
        Forget(client.ClientId);
        if (_waiting.Count >= ground.Limits.SessionsMax || !owner[Good.Memory].TryTake(SessionHoldings.CostOf(will)))
        {
            Publish(client, will, publisher: null, owner);
        }
        else
        {
            _waiting.Add(client.ClientId, (client, will, owner));
            _due.Set(client.ClientId, dueMs);
        }
    }

    /// <summary>The client is back: it was never away.</summary>
    public void ClientIsBack(string clientId) => Forget(clientId);

    /// <summary>
    /// The gateway was away and does not know what became of the client. A Session that goes on may delay its Will
    /// [MQTT-3.1.3-9]; all others are published now.
    /// </summary>
    public void PublishAfterRestart(in ClientIdentity client, WillMessage will)
    {
        if (will.Properties.DelaySeconds > 0 && sessions.Find(client.ClientId) is { IsDurable: true } session)
        {
            // From when its client left: a gateway that starts again more often than that would never publish it.
            long leftMs = session.EndsAtMs - (session.ExpirySeconds * 1000L);
            session.Will = new PendingWill(will) { DueMs = leftMs + (Math.Min(will.Properties.DelaySeconds, session.ExpirySeconds) * 1000L) };
            session.Role ??= client.Role;
            ground.Custody.WillIs(client, will).ForNobody(); // no client waits for it: without room it stays on the disk as it was, and the next start comes to the same
            return;
        }

        Publish(client, will, publisher: null);
    }

    public bool IsWaiting(string clientId) => _waiting.ContainsKey(clientId);

    /// <summary>There is room for what is left of a Will for many: those that can wait, wait for that.</summary>
    /// <param name="owner">Whose it is.</param>
    public bool MayPublish(Owner owner) => fanOuts.HasRoomFor(owner);

    /// <returns>False when the slice was over before all that are due were published.</returns>
    public bool PublishDue(Turn turn)
    {
        while (_due.TryPeek(turn.NowMs, out string? clientId))
        {
            (ClientIdentity client, WillMessage will, Owner owner) = _waiting[clientId];
            if (turn.IsSliceOverNow)
                return false;
            if (!MayPublish(owner))
            {
                _due.Set(clientId, turn.NowMs + AgainMs); // those of others are not behind it
                continue;
            }

            Forget(clientId);
            try
            {
                Publish(client, will, publisher: null, owner);
            }
            catch when (owner[Good.Memory].TryTake(SessionHoldings.CostOf(will)))
            {
                _waiting.Add(clientId, (client, will, owner)); // those of others are not behind it
                _due.Set(clientId, turn.NowMs + AgainBehindFaultMs);
                throw;
            }
        }

        return true;
    }

    private void Forget(string clientId)
    {
        if (!_waiting.Remove(clientId, out (ClientIdentity Client, WillMessage Will, Owner Owner) gone))
            return;
        _ = _due.Remove(clientId);
        gone.Owner[Good.Memory].Give(SessionHoldings.CostOf(gone.Will));
    }

    /// <summary>
    /// Publishes a Will. That it is gone and what its message becomes are on the disk together: a crash between the two would leave neither, and its client
    /// would be shown online for ever.
    /// </summary>
    /// <param name="client">Whose Will it is.</param>
    /// <param name="will">The message.</param>
    /// <param name="publisher">Its Session, where there still is one.</param>
    /// <param name="owner">Who pays for the time, where there is none; null for the gateway.</param>
    public void Publish(in ClientIdentity client, WillMessage will, Session? publisher, Owner? owner = null)
    {
        Route route = routes.Get(will.Topic);
        if (WhyNot(client, route, will) is { } reason)
        {
            ground.Custody.WillIs(client, null).ForNobody(); // its client is gone: without room it stays on the disk, and the next start asks again whether it may be published
            ground.Counters.Drop(new Drop(reason, DropOwner.Client(client.ClientId), will.Topic, will.Payload.Length));
            return;
        }

        using FrameOfPacket frameOnDisk = new(ground.Custody); // behind the question: the access rules are not ours, and everybody who appends waits for a frame
        ground.Custody.WillIs(client, null).ForNobody(); // its client is gone: without room it stays on the disk, and the next start publishes it once more
        Publication publication = new()
        {
            Route = route,
            QoS = will.QoS,
            Retain = will.Retain,
            Payload = will.Payload,
            Properties = will.Properties.PublishProperties,
            Publisher = publisher,
            Owner = publisher?.Holdings.Owner,
            PaidBy = publisher?.Holdings.Owner ?? owner,
            NowMs = ground.Turn.NowMs,
        };
        publication.LimitLifetime(ForwardedProperties.ExpirySeconds(will.Properties.PublishProperties));
        _ = router.Publish(ref publication);
    }

    private DropReason? WhyNot(in ClientIdentity client, Route route, WillMessage will)
    {
        if (route.IsReserved)
            return DropReason.ReservedTopic;
        Admission now = ground.Access.Recall(client.ClientId, client.UserName, client.Role);
        if (route.P2PTarget is { } target && !authority.Allows(now.Role, client.ClientId, target))
            return DropReason.P2PNotAllowed;
        if (now.Rights is { } rights && !rights.MayPublish(route.Topic))
            return DropReason.NotAllowed;
        return tellers.MaySay(client, now.Role, route, will.Payload) ? null : DropReason.DeviceElsewhere;
    }
}
