using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Lifecycle;

/// <content>What comes to its end by itself.</content>
internal sealed partial class SessionRegistry
{
    private Expiry? _expiry;
    private Session? _atHand; // of that

    /// <summary>Ends Sessions and publishes Wills whose time has come, over as many turns as it takes.</summary>
    public void Expire() => ground.Turn.Jobs.Start(_expiry ??= new Expiry(this));

    // Nothing of it changes how long the others have: what is due is found anew by each look.
    private bool Expire(Turn turn)
    {
        _atHand = null;
        if (!wills.PublishDue(turn))
            return false;
        foreach (Session bridge in _absentBridges)
        {
            _atHand = bridge;
            if (!ExpirePeerMessages(bridge, turn))
                return false;
        }

        while (_absent.TryPeek(turn.NowMs, out Session? session))
        {
            _atHand = session;
            if (turn.IsSliceOverNow)
                return false;
            if (session.Will is not null && !wills.MayPublish(session.Holdings.Owner))
            {
                _absent.Set(session, turn.NowMs + Wills.AgainMs); // those of others are not behind it
                continue;
            }

            if (!ExpirePeerMessages(session, turn))
                return false;
            if (session.EndsAtMs > turn.NowMs)
            {
                PublishDueWill(session, turn.NowMs);
                WaitWithout(session);
            }
            else if (End(session).IsNoRoom)
            {
                _absent.Set(session, turn.NowMs + Wills.AgainMs);
            }
            else
            {
                ground.Counters.SessionsExpired++;
            }
        }

        _atHand = null;
        return true;
    }

    private sealed class Expiry(SessionRegistry registry) : IJob
    {
        public bool Writes => true;

        public string Name => "the expiry of Sessions, and the Wills that are due";

        public bool Run(Turn turn) => registry.Expire(turn);

        public AfterFault Failed(Exception fault, Turn turn)
        {
            registry.PassOver(turn.NowMs);
            return AfterFault.Later;
        }
    }

    // Those of others are not behind it. What is left of it, if its end has begun, does not come a second time.
    private void PassOver(long nowMs)
    {
        if (_atHand is { } session && Find(session.ClientId) == session && !session.IsConnected)
            _absent.Set(session, nowMs + Wills.AgainBehindFaultMs);
        if (_atHand is { IsBridge: true })
            _ = _absentBridges.Remove(_atHand); // what has expired is not handed over all the same
        _atHand = null;
    }

    private static bool ExpirePeerMessages(Session session, Turn turn) => session.PeerExpiryMs > turn.NowMs || session.ExpirePeerMessages();
}
