using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>An access point dies: many connections end at once, each with a Will for one subscriber.</summary>
internal sealed class WillsCase : StallCase
{
    private const int UnansweredMax = 64;
    private const double PrepareSecondsMax = 120;

    // 50 closes take the load generator some 0.3 ms; more at a time would hold up the sampling itself.
    private const int ClosesPerStep = 50;

    // A Will of QoS 0 may be dropped for a subscriber that is behind.
    private const double WaitSecondsMax = 10;

    // What this process and the broker need besides, and the tenth of the gateway's connections that is not for one address.
    private const int OtherFiles = 3_000;

    private Subscriber? _subscriber;
    private IdleConnection[] _connections = [];

    public override string Name => "wills";

    public override string Title => "many connections with Wills end at once";

    public override BrokerSettings Settings(StallSizes sizes) => base.Settings(sizes) with
    {
        GatewaySettings = [$"Limits:ConnectionsMax={RoomFor(sizes.Wills)}", $"Limits:SessionsMax={RoomFor(sizes.Wills)}", "Limits:JournalBytesMax=1073741824"],
    };

    public override void Prepare(StallBench bench)
    {
        _subscriber = Subscriber.Open(bench.Loop, bench.Broker.Port, bench.ProtocolLevel, "watcher", "bench/will/#", qos: 0);
        _connections = Connect(bench);
    }

    public override Func<bool> Act(StallBench bench)
    {
        Subscriber subscriber = _subscriber!;
        IdleConnection[] connections = _connections;
        int closed = 0;
        long allClosed = 0;
        return () =>
        {
            for (int i = 0; i < ClosesPerStep && closed < connections.Length; i++)
                connections[closed++].Leave();
            if (closed < connections.Length)
                return false;
            allClosed = allClosed == 0 ? Stopwatch.GetTimestamp() : allClosed;
            return subscriber.Delivered >= connections.Length || Stopwatch.GetElapsedTime(allClosed).TotalSeconds > WaitSecondsMax;
        };
    }

    private static IdleConnection[] Connect(StallBench bench)
    {
        int wanted = Math.Min(bench.Sizes.Wills, FilesMax() - OtherFiles);
        if (wanted < bench.Sizes.Wills)
            bench.Notes.Add($"{wanted:N0} Wills instead of {bench.Sizes.Wills:N0}: a process may have no more files open here");
        var connections = new IdleConnection[wanted];
        int begun = 0;
        int accepted = 0;
        bench.RunUntil(
            () =>
            {
                for (; begun < wanted && begun - accepted < UnansweredMax; begun++)
                {
                    byte[] connect = MqttBytes.Connect(
                        bench.ProtocolLevel, $"will{begun:000000}", MqttHandshake.KeepAliveSeconds, new ConnectFields { WillTopic = $"bench/will/{begun:000000}" });
                    connections[begun] = IdleConnection.Begin(bench.Loop, bench.Broker.Port, connect, () => accepted++, source: 1 + begun);
                }
                return accepted == wanted || bench.Loop.ClosedCount > 0;
            },
            "connections with Wills",
            PrepareSecondsMax);
        if (accepted < wanted)
            throw new IOException($"{accepted} of {wanted} connections were accepted: {bench.Loop.FirstCloseReason}");
        return connections;
    }

    private static int FilesMax()
    {
        // "Max open files            1024                 524288               files": the soft limit, which .NET raises and its children inherit.
        string line = File.ReadLines("/proc/self/limits").First(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return soft == "unlimited" ? int.MaxValue : int.Parse(soft);
    }
}
