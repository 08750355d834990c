using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>Many Sessions, each with a subscription, expire in the same second. MQTT 5.0 always, which alone lets a client say when.</summary>
internal sealed class ExpiryCase : StallCase
{
    private const int ProtocolLevel = 5;

    // To make them, and to watch the idle broker before they expire.
    private const double SessionsPerSecondMin = 2000;
    private const double IdleSecondsMax = 4;

    // Expiry counts whole seconds, and a broker looks once in a while.
    private const double AfterSeconds = 3;

    private long _expireAt;

    public override string Name => "expiry";

    public override string Title => "many Sessions expire in the same second";

    public override BrokerSettings Settings(StallSizes sizes) => base.Settings(sizes) with
    {
        GatewaySettings = [$"Limits:SessionsMax={RoomFor(sizes.Sessions)}", $"Limits:KnownDevicesMax={RoomFor(sizes.Sessions)}", "Limits:MemoryBytesMax=8000000000"],
    };

    public override void Prepare(StallBench bench)
    {
        double seconds = IdleSecondsMax + (bench.Sizes.Sessions / SessionsPerSecondMin);
        _expireAt = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        bench.RunUntil(bench.Visits(bench.Sizes.Sessions, answers: 2, Packets), "Sessions", seconds);
        if (LeftSeconds() < IdleSecondsMax / 2)
            bench.Notes.Add("Sessions were made so slowly that some expired while the idle broker was watched");
    }

    public override Func<bool> Act(StallBench bench) => () => LeftSeconds() < -AfterSeconds;

    private byte[] Packets(int index)
    {
        var fields = new ConnectFields { Clean = false, SessionExpirySeconds = (ushort)Math.Clamp(Math.Ceiling(LeftSeconds()), 1, ushort.MaxValue) };
        return
        [
            .. MqttBytes.Connect(ProtocolLevel, $"short{index:000000}", MqttHandshake.KeepAliveSeconds, fields),
            .. MqttBytes.Subscribe(ProtocolLevel, $"bench/short/{index:000000}/#", qos: 1),
        ];
    }

    private double LeftSeconds() => (_expireAt - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency;
}
