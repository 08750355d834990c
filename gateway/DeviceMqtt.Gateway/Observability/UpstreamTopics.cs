using System.Globalization;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>What is known of one upstream, on <c>$SYS/broker/relay/{name}/</c>; rates are messages a second over the last minute. Inside a turn.</summary>
internal sealed class UpstreamTopics(Uplink uplink, Turn turn)
{
    private readonly string _root = $"relay/{uplink.Name}/";
    private readonly LoadAverage _out = new();
    private readonly LoadAverage _in = new();
    private long _lastMs = turn.MonotonicMs();

    public IEnumerable<(string Name, string Value)> Read()
    {
        UplinkStatus status = uplink.Status;
        RelaySession session = uplink.Session;
        double seconds = (turn.NowMs - _lastMs) / 1000.0;
        if (seconds > 0)
        {
            _out.Add(session.Acknowledged, seconds);
            _in.Add(session.Received, seconds);
            _lastMs = turn.NowMs;
        }

        yield return (_root + "state", status.State == UplinkState.Connected ? "connected" : "disconnected");
        yield return (_root + "address", status.Address);
        yield return (_root + "since", status.Since.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        yield return (_root + "version", status.Version);
        yield return (_root + "error", status.LastEnd.Reason == UplinkEndReason.None ? "" : status.LastEnd.ToString());
        yield return (_root + "backlog/messages", Text(session.Buffer.Count));
        yield return (_root + "backlog/bytes", Text(session.Buffer.Bytes));
        yield return (_root + "backlog/age", Text(session.Buffer.OldestMs is { } oldest ? Math.Max(0, turn.NowMs - oldest) / 1000 : 0));
        yield return (_root + "aside/messages", Text(session.Buffer.SetAsides.Count));
        yield return (_root + "aside/bytes", Text(session.Buffer.SetAsides.Bytes));
        yield return (_root + "aside/newest", session.Buffer.SetAsides is { Count: > 0 } aside ? aside.All[^1].Queued.Message.Topic : "");
        yield return (_root + "resent/new", Text(session.SentAsNew));
        yield return (_root + "restored", session.IsRestored ? "1" : "0");
        yield return (_root + "session/seconds", session.SessionSeconds is { } sessionSeconds ? Text(sessionSeconds) : "");
        yield return (_root + "subscriptions/refused", Text(session.SubscriptionsRefused));
        yield return (_root + "wills", Text(session.WillsHeld));
        yield return (_root + "sent", Text(session.Acknowledged));
        yield return (_root + "received", Text(session.Received));
        yield return (_root + "rate/out", (_out[0] / 60).ToString("F2", CultureInfo.InvariantCulture));
        yield return (_root + "rate/in", (_in[0] / 60).ToString("F2", CultureInfo.InvariantCulture));
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
