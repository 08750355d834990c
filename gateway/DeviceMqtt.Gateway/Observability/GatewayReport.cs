using System.Text;
using System.Text.Json;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// What this gateway is and how it fares, on <see cref="Topic"/>, retained: one flat JSON object, for whoever has many. A rule of the relay sends it upstream
/// (gateway/docs/clusters.md). Where somebody wants it, published once a minute, and when something has changed that somebody should see. Owned by the turn.
/// </summary>
internal sealed class GatewayReport(MqttBroker mqtt, DurableState? state, IReadOnlyList<Uplink> uplinks, string dataFolder, DiskRate disk)
{
    /// <summary>Where it is told.</summary>
    public const string Topic = "$gw/gateway";

    /// <summary>Milliseconds between two that say nothing new.</summary>
    public const long IntervalMs = 60_000;

    private const long ChangeMs = 2_000; // chosen: what changes back and forth is not told each time

    // Another process has another: two with one identifier are told by it. Made with the first report: a start loads nothing for it.
    private string? _instance;
    private readonly long _startMs = mqtt.State.Turn.MonotonicMs();
    private long _toldMs = long.MinValue / 2;
    private string _told = "";

    private BrokerState Broker => mqtt.State;

    /// <summary>Publishes it if it is time, or something has changed. Inside a turn.</summary>
    public void PublishIfDue()
    {
        // While nobody wants it nothing is worked out: what writes it takes 3 MB of memory.
        Route route = Broker.Routes.Get(Topic);
        if (!route.IsRelayed && route.Recipients.Length == 0 && route.Groups.Length == 0)
            return;
        long now = Broker.Turn.NowMs;
        // While nobody takes it, it would only be dropped.
        if (now - _toldMs < ChangeMs || (uplinks.Count > 0 && uplinks.All(static u => u.Status.State != UplinkState.Connected)))
            return;
        string key = Key();
        if (key == _told && now - _toldMs < IntervalMs)
            return;
        (_told, _toldMs) = (key, now);
        Publication publication = new()
        {
            Route = route,
            QoS = QoS.AtMostOnce,
            Retain = true,
            Payload = Write(),
            Origin = Origin.Gateway,
            IsMadeAnew = true,
            NowMs = now,
        };
        _ = Broker.Publish(ref publication);
    }

    /// <summary>The object itself. Inside a turn.</summary>
    public byte[] Write()
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("t", Broker.Clock.NowUnixMs / 1000);
            json.WriteString("version", SysTopics.VersionText);
            json.WriteString("host", Environment.MachineName);
            json.WriteString("instance", _instance ??= Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(6)));
            json.WriteNumber("up", (Broker.Turn.NowMs - _startMs) / 1000);
            json.WriteNumber("clients", mqtt.Connections.Count);
            json.WriteNumber("sessions", Broker.Sessions.Count);
            json.WriteNumber("backlog", uplinks.Sum(static u => (long)u.Session.Buffer.Count));
            json.WriteNumber("oldest", Oldest());
            json.WriteNumber("short", uplinks.Max(static u => (int?)u.ShortInARow) ?? 0);
            json.WriteNumber("aside", uplinks.Sum(static u => (long)u.Session.Buffer.SetAsides.Count));
            json.WriteNumber("free", state is null ? 0 : DiskRoom.FreeBytes(dataFolder));
            json.WriteNumber("journal", state?.Status?.BytesUsed ?? 0);
            json.WriteNumber("journalMax", state?.Status?.BytesMax ?? 0);
            json.WriteBoolean("full", state?.Status?.IsFull ?? false);
            json.WriteNumber("writtenDay", disk.BytesPerDay());
            json.WriteStartObject("drops");
            foreach (DropReason reason in Enum.GetValues<DropReason>())
                if (Broker.Counters.Dropped(reason) > 0)
                    json.WriteNumber(reason.ToString(), Broker.Counters.Dropped(reason));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    // What is told at once when it changes; figures that always move are not.
    private string Key() => new StringBuilder()
        .Append(state?.Status?.IsFull).Append(mqtt.Connections.Count).Append('/').Append(uplinks.Sum(static u => (long)u.Session.Buffer.SetAsides.Count))
        .AppendJoin(',', uplinks.Select(static u => u.Status.Since)).ToString();

    private long Oldest()
    {
        long oldest = 0;
        foreach (Uplink uplink in uplinks)
            if (uplink.Session.Buffer.OldestMs is { } since)
                oldest = Math.Max(oldest, (Broker.Turn.NowMs - since) / 1000);
        return oldest;
    }
}
