using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Paced;

/// <summary>Clients that come and go: TCP connection, CONNECT, CONNACK, DISCONNECT, as scripts and sleeping boards do.</summary>
internal sealed class ConnectsRow : BenchmarkRow
{
    private const int ClientIds = 1000;

    // Few enough for the listen backlog of every peer (mosquitto: 100).
    private const int UnderWayMax = 64;
    private const double QuietSecondsMax = 5;

    public override string Name => "connects";

    public override string Group => "paced";

    public override string Title => $"Clients that connect and disconnect, {UnderWayMax} at a time";

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false));
        using var loop = new LoadLoop();
        byte[][] connects = [.. Enumerable.Range(0, ClientIds).Select(i => MqttBytes.Connect(settings.ProtocolLevel, $"come{i:0000}", MqttHandshake.KeepAliveSeconds))];
        int begun = 0;
        int welcome = 0;
        int refused = 0;
        Action<bool> left = isWelcome =>
        {
            welcome += isWelcome ? 1 : 0;
            refused += isWelcome ? 0 : 1;
        };
        bool IsFilled()
        {
            for (; begun - welcome - refused < UnderWayMax; begun++)
                VisitingClient.Begin(loop, broker.Port, 1 + begun, connects[begun % ClientIds], answers: 1, left);
            return refused > 0;
        }

        _ = loop.RunUntil(IsFilled, settings.WarmUpSeconds);
        int before = welcome;
        var window = new Window(broker);
        _ = loop.RunUntil(IsFilled, settings.WindowSeconds);
        window.End();
        int connected = welcome - before;
        _ = loop.RunUntil(() => welcome + refused == begun, QuietSecondsMax);
        if (refused > 0 || connected == 0)
            throw new IOException($"{refused} of {begun} connections were refused or lost: {loop.FirstCloseReason}");

        var measurement = new Measurement();
        measurement.Add("connects/s", MetricKind.Rate, connected / window.Seconds);
        measurement.Add("broker CPU, us per connection", MetricKind.Cost, window.BrokerSeconds * 1e6 / connected);
        window.AddCircumstances(measurement);
        window.AddLimitNote(measurement);
        return measurement;
    }
}
