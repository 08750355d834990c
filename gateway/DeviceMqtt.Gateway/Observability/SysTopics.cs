using System.Globalization;
using System.Text;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// The state of the broker as retained messages below <c>$SYS/broker</c>, under the names that mosquitto gave them, so that
/// dashboards made for it work. A value is published when it has changed.
/// </summary>
internal sealed class SysTopics
{
    /// <summary>The version of the gateway, like 0.1.0.</summary>
    public static readonly string VersionText = typeof(SysTopics).Assembly.GetName().Version!.ToString(3);

    /// <summary>What the version on <c>$SYS</c> begins with; that of another broker begins otherwise.</summary>
    public const string Product = "DeviceMqtt gateway ";

    private readonly BrokerState _broker;
    private readonly Dictionary<string, string> _published = new(StringComparer.Ordinal);
    private readonly List<(string Name, Func<long> Read)> _values;
    private readonly List<(string Name, Func<long> Read, LoadAverage Average)> _loads;
    private string[]? _drops; // by the number of the reason; made when they are read first
    private readonly UpstreamTopics[] _upstreams;
    private readonly Ledger _ledger;
    private readonly long _startMs;
    private long _lastMs;
    private int _clientsMaximum;
    private long _heapMaximum;

    public SysTopics(MqttBroker mqtt, DurableState? state = null, IReadOnlyList<Uplink>? uplinks = null, DiskRate? disk = null)
    {
        BrokerState broker = _broker = mqtt.State;
        ConnectionTable connections = mqtt.Connections;
        _startMs = _lastMs = broker.Turn.MonotonicMs();
        BrokerCounters counters = broker.Counters;
        Traffic clients = counters.Clients;
        _values =
        [
            ("clients/connected", () => connections.Count),
            ("clients/disconnected", () => broker.Sessions.AbsentCount),
            ("clients/total", () => connections.Count + broker.Sessions.AbsentCount),
            ("clients/maximum", () => _clientsMaximum = Math.Max(_clientsMaximum, connections.Count + broker.Sessions.AbsentCount)),
            ("clients/expired", () => counters.SessionsExpired),
            ("messages/received", () => clients.PacketsReceived),
            ("messages/sent", () => clients.PacketsSent),
            ("messages/stored", () => broker.Retained.Count),
            ("store/messages/count", () => broker.Retained.Count),
            ("store/messages/bytes", () => broker.Retained.Bytes + broker.QueueBytes),
            ("retained messages/count", () => broker.Retained.Count),
            ("subscriptions/count", () => broker.Tree.Count),
            ("bytes/received", () => clients.BytesReceived),
            ("bytes/sent", () => clients.BytesSent),
            ("clients/active", () => connections.Count), // older names of mosquitto's, which it still has
            ("clients/inactive", () => broker.Sessions.AbsentCount),
            ("subscriptions/refused", () => counters.SubscriptionsRefused),
            ("shared_subscriptions/count", () => broker.Tree.SharedCount),
            ("publish/bytes/received", () => counters.PublishBytesReceived),
            ("publish/bytes/sent", () => counters.PublishBytesSent),
            ("publish/messages/received", () => counters.MessagesReceived),
            ("publish/messages/sent", () => counters.MessagesSent),
            ("publish/messages/dropped", () => counters.DroppedInAll),
            ("publish/messages/at-once", () => counters.WideAtOnce),
            ("faults/work", () => counters.JobFaults),
            ("heap/current", () => GC.GetTotalMemory(forceFullCollection: false)),
            ("heap/maximum", () => _heapMaximum = Math.Max(_heapMaximum, GC.GetTotalMemory(forceFullCollection: false))),
        ];
        _ledger = state?.Ledger ?? new Ledger(); // without a disk nothing is in custody
        foreach (LedgerClass ledgerClass in Ledger.Classes)
            AddLedger(ledgerClass);
        if (state is not null)
            AddJournal(state, disk ?? DiskRate.Of(broker.Turn, state));
        _upstreams = [.. (uplinks ?? []).Select(uplink => new UpstreamTopics(uplink, broker.Turn))];
        _loads =
        [
            ("messages/received", () => clients.PacketsReceived, new LoadAverage()),
            ("messages/sent", () => clients.PacketsSent, new LoadAverage()),
            ("publish/received", () => counters.MessagesReceived, new LoadAverage()),
            ("publish/sent", () => counters.MessagesSent, new LoadAverage()),
            ("publish/dropped", () => counters.DroppedInAll, new LoadAverage()),
            ("bytes/received", () => clients.BytesReceived, new LoadAverage()),
            ("bytes/sent", () => clients.BytesSent, new LoadAverage()),
            ("sockets", () => counters.ConnectionsOpened, new LoadAverage()),
            ("connections", () => counters.ClientsConnected, new LoadAverage()),
        ];
    }

    // accepted = delivered + pending + expired + dropped, over all restarts.
    private void AddLedger(LedgerClass ledgerClass)
    {
        LedgerAccount account = _ledger[ledgerClass];
        string name = "custody/" + ledgerClass.ToString().ToLowerInvariant();
        _values.Add(($"{name}/accepted", () => account.Accepted));
        _values.Add(($"{name}/delivered", () => account.Delivered));
        _values.Add(($"{name}/pending", () => account.Pending));
        if (ledgerClass == LedgerClass.Relay)
            _values.Add(($"{name}/aside", () => account.Aside));
        _values.Add(($"{name}/expired", () => account.Expired));
        _values.Add(($"{name}/dropped", () => account.Dropped));
    }

    private long Seconds => (_broker.Turn.NowMs - _startMs) / 1000;

    private void AddJournal(DurableState state, DiskRate disk)
    {
        _values.Add(("journal/bytes", () => state.Status?.BytesUsed ?? 0));
        _values.Add(("journal/bytes/max", () => state.Status?.BytesMax ?? 0));
        _values.Add(("journal/segments", () => state.Status?.Segments ?? 0));
        _values.Add(("journal/frames", () => state.Status?.Frames ?? 0));
        _values.Add(("journal/sync/us", () => (long)((state.Status?.SyncMs ?? 0) * 1000)));
        _values.Add(("disk/written/bytes", DiskWritten.Bytes));
        _values.Add(("disk/written/day", disk.BytesPerDay));
        _values.Add(("disk/syncs/day", disk.SyncsPerDay));
        _values.Add(("disk/card/years", () => DiskWritten.CardYears(disk.BytesPerDay())));
        _values.Add(("journal/bytes/live", () => state.Status?.LiveBytes ?? 0));
        _values.Add(("journal/failed", () => state.Status?.IsFailed == true ? 1 : 0));
        _values.Add(("journal/damaged", () => state.Status?.Damaged ?? 0));
        _values.Add(("restored/sessions", () => state.SessionsNotAnew));
        _values.Add(("journal/full", () => state.Status?.IsFull == true ? 1 : 0));
    }

    /// <summary>Publishes what has changed since the last call. Inside a turn.</summary>
    public void Publish()
    {
        foreach ((string name, string value) in Read())
            Publish(name, value);
        long now = _broker.Turn.NowMs;
        if (now > _lastMs)
            PublishLoads((now - _lastMs) / 1000.0);
        _lastMs = now;
    }

    /// <summary>All values as they are now, by the part of their topic behind <c>$SYS/broker/</c>; loads excepted. Inside a turn.</summary>
    public IEnumerable<(string Name, string Value)> Read()
    {
        yield return ("version", Product + VersionText);
        yield return ("uptime", $"{Seconds} seconds");
        foreach ((string name, Func<long> read) in _values)
            yield return (name, read().ToString(CultureInfo.InvariantCulture));
        foreach (LedgerClass ledgerClass in Ledger.Classes)
            foreach ((Outcome outcome, long count) in _ledger[ledgerClass].Outcomes())
                if (outcome is { IsDelivered: false, Reason: not DropReason.Expired })
                    yield return ($"custody/{ledgerClass.ToString().ToLowerInvariant()}/dropped/{outcome.Reason}", count.ToString(CultureInfo.InvariantCulture));
        _drops ??= Array.ConvertAll(Enum.GetNames<DropReason>(), static reason => "publish/messages/dropped/" + reason);
        for (int reason = 0; reason < _drops.Length; reason++)
            yield return (_drops[reason], _broker.Counters.Dropped((DropReason)reason).ToString(CultureInfo.InvariantCulture));
        foreach (UpstreamTopics upstream in _upstreams)
            foreach ((string Name, string Value) each in upstream.Read())
                yield return each;
    }

    private void PublishLoads(double seconds)
    {
        foreach ((string name, Func<long> read, LoadAverage average) in _loads)
        {
            average.Add(read(), seconds);
            Publish($"load/{name}/1min", average[0].ToString("F2", CultureInfo.InvariantCulture));
            Publish($"load/{name}/5min", average[1].ToString("F2", CultureInfo.InvariantCulture));
            Publish($"load/{name}/15min", average[2].ToString("F2", CultureInfo.InvariantCulture));
        }
    }

    private void Publish(string name, string value)
    {
        if (_published.TryGetValue(name, out string? before) && before == value)
            return;
        _published[name] = value;
        Publication publication = new()
        {
            Route = _broker.Routes.Get("$SYS/broker/" + name),
            QoS = QoS.AtMostOnce,
            Retain = true,
            Payload = Encoding.UTF8.GetBytes(value),
            Origin = Origin.Gateway,
            IsMadeAnew = true,
            NowMs = _broker.Turn.NowMs,
        };
        _ = _broker.Publish(ref publication);
    }
}
