using System.Diagnostics;
using System.Diagnostics.Metrics;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// The gateway's figures as instruments of <c>System.Diagnostics.Metrics</c>, in the meter <c>DeviceMqtt</c>. Names and units are those of
/// OpenTelemetry's conventions where it has them: <c>messaging.client.*</c> for the relay, which is a client of the upstream
/// (opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics), and <c>process.*</c>. It has none for a broker: those begin with
/// <c>devicemqtt.</c>. All are observed: nothing is counted twice, and nothing costs anything while nobody collects.
/// </summary>
internal sealed class GatewayMeter : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "DeviceMqtt";

    private readonly Meter _meter = new(Name, SysTopics.VersionText);

    public GatewayMeter(MqttBroker mqtt, DurableState? state, IReadOnlyList<Uplink> uplinks)
    {
        BrokerState broker = mqtt.State;
        BrokerCounters counters = broker.Counters;
        AddTraffic(counters);
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.connections", () => mqtt.Connections.Count, "{connection}", "Open connections of clients.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.sessions", () => broker.Sessions.Count, "{session}", "Sessions, of clients that are here and away.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.subscriptions", () => broker.Tree.Count, "{subscription}", "Topic Filters that are subscribed to.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.retained.messages", () => broker.Retained.Count, "{message}", "Retained messages.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.retained.size", () => broker.Retained.Bytes, "By", "Bytes of the retained messages.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.queue.size", () => broker.QueueBytes, "By", "Bytes that wait in queues and mailboxes.");
        _ = _meter.CreateObservableUpDownCounter("process.memory.usage", () => Environment.WorkingSet, "By", "Memory of the process.");
        _ = _meter.CreateObservableCounter("process.cpu.time", CpuSeconds, "s", "Processor time of the process.");
        foreach (Uplink uplink in uplinks)
            AddUpstream(uplink, broker.Turn);
        if (uplinks.Count > 0)
            AddMessaging(uplinks);
        if (state is not null)
            AddDisk(state, broker.Turn);
    }

    /// <summary>Whether an instrument is this gateway's.</summary>
    public bool Has(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    public void Dispose() => _meter.Dispose();

    private void AddTraffic(BrokerCounters counters)
    {
        _ = _meter.CreateObservableCounter("devicemqtt.messages.received", () => counters.MessagesReceived, "{message}", "PUBLISH packets accepted from clients.");
        _ = _meter.CreateObservableCounter("devicemqtt.messages.sent", () => counters.MessagesSent, "{message}", "PUBLISH packets sent to clients.");
        _ = _meter.CreateObservableCounter("devicemqtt.network.received", () => counters.Clients.BytesReceived, "By", "Bytes from clients.");
        _ = _meter.CreateObservableCounter("devicemqtt.network.sent", () => counters.Clients.BytesSent, "By", "Bytes to clients.");
        _ = _meter.CreateObservableCounter("devicemqtt.messages.dropped", () => Of<DropReason>("reason", counters.Dropped), "{message}", "Messages that somebody did not get, by reason.");
        _ = _meter.CreateObservableCounter("devicemqtt.connections.closed", () => Of<CloseReason>("reason", counters.Closed), "{connection}", "Connections that ended, by reason.");
        _ = _meter.CreateObservableCounter("devicemqtt.faults", () => counters.JobFaults, "{fault}", "Faults of the gateway itself in work that goes on over turns.");
    }

    // One instrument for all upstreams, as the conventions have it.
    private void AddMessaging(IReadOnlyList<Uplink> uplinks)
    {
        _ = _meter.CreateObservableCounter("messaging.client.sent.messages", () => uplinks.Select(static u => new Measurement<long>(u.Session.Acknowledged, TagsOf(u, "publish"))), "{message}", "Messages that the relay has published to an upstream, and that it has acknowledged.");
        _ = _meter.CreateObservableCounter("messaging.client.consumed.messages", () => uplinks.Select(static u => new Measurement<long>(u.Session.Received, TagsOf(u, "receive"))), "{message}", "Messages that the relay has received from an upstream.");
    }

    private static KeyValuePair<string, object?>[] TagsOf(Uplink uplink, string operation) =>
        [new("messaging.system", "mqtt"), new("messaging.operation.name", operation), new("upstream", uplink.Name)];

    private void AddUpstream(Uplink uplink, Turn turn)
    {
        KeyValuePair<string, object?> name = new("upstream", uplink.Name);
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.relay.backlog", () => new Measurement<long>(uplink.Session.Buffer.Count, name), "{message}", "Messages that wait for the upstream.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.relay.aside", () => new Measurement<long>(uplink.Session.Buffer.SetAsides.Count, name), "{message}", "Messages that the upstream does not take.");
        _ = _meter.CreateObservableGauge("devicemqtt.relay.connected", () => new Measurement<long>(uplink.Status.State == UplinkState.Connected ? 1 : 0, name), "1", "1 while the upstream is connected.");
        _ = _meter.CreateObservableGauge("devicemqtt.relay.backlog.age", () => new Measurement<double>(Inside(turn, () => uplink.Session.Buffer.OldestMs) is { } oldest ? Math.Max(0, turn.MonotonicMs() - oldest) / 1000.0 : 0, name), "s", "Age of the oldest message that waits.");
    }

    private void AddDisk(DurableState state, Turn turn)
    {
        KeyValuePair<string, object?> write = new("disk.io.direction", "write");
        _ = _meter.CreateObservableCounter("process.disk.io", () => new Measurement<long>(DiskWritten.Bytes(), write), "By", "Bytes that the system has written to the disk for the process.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.journal.size", () => state.Status?.BytesUsed ?? 0, "By", "Bytes of the journal's files, without empty segments that a backlog has left.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.journal.limit", () => state.Status?.BytesMax ?? 0, "By", "Bytes that the journal may have.");
        _ = _meter.CreateObservableGauge("devicemqtt.journal.sync.duration", () => (state.Status?.SyncMs ?? 0) / 1000, "s", "Seconds of a commit, a running average.");
        _ = _meter.CreateObservableGauge("devicemqtt.journal.full", () => state.Status?.IsFull == true ? 1 : 0, "1", "1 while nothing new that has to be kept is accepted.");
        _ = _meter.CreateObservableUpDownCounter("devicemqtt.custody.messages", () => Inside(turn, () => Accounts(state.Ledger).ToArray()), "{message}", "The ledger: accepted = delivered + pending + expired + dropped.");
    }

    // /metrics is collected inside a turn; OpenTelemetry collects on a thread of its own.
    private static T Inside<T>(Turn turn, Func<T> read)
    {
        if (turn.IsMine)
            return read();
        using Turn.Scope scope = turn.Enter();
        return read();
    }

    private static double CpuSeconds()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    private static IEnumerable<Measurement<long>> Accounts(Ledger ledger)
    {
        foreach (LedgerClass ledgerClass in Ledger.Classes)
        {
            LedgerAccount account = ledger[ledgerClass];
            foreach ((string state, long count) in ((string, long)[])[("accepted", account.Accepted), ("delivered", account.Delivered), ("pending", account.Pending), ("expired", account.Expired), ("dropped", account.Dropped)])
                yield return new Measurement<long>(count, new("class", ledgerClass.ToString().ToLowerInvariant()), new("state", state));
        }
    }

    private static IEnumerable<Measurement<long>> Of<T>(string tag, Func<T, long> count) where T : struct, Enum =>
        Enum.GetValues<T>().Where(value => count(value) > 0).Select(value => new Measurement<long>(count(value), new KeyValuePair<string, object?>(tag, value.ToString())));
}
