using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>nats-server with its MQTT listener. MQTT there needs JetStream, whose files go to the temporary folder.</summary>
internal sealed class NatsPeer : Peer
{
    private readonly string? _file = ProgramOnPath.Find("nats-server");

    public override string Name => "nats";

    // Its MQTT is 3.1.1.
    public override bool SpeaksV5 => false;

    // "nats-server: v2.9.10"
    public override string Describe() => ProgramOnPath.Run(_file!, "--version").Output.Trim().Replace(": v", " ", StringComparison.Ordinal);

    public override string? Prepare() => _file is null ? "nats-server is not installed" : null;

    public override BrokerProcess Start(BrokerSettings settings) => BrokerProcess.Start((folder, port) =>
    {
        string file = Path.Combine(folder, "nats.conf");
        // With its default of 64 MB the subscriber of the fan-in row is disconnected as a slow consumer.
        // With the default of 100 unacknowledged messages a QoS 1 subscriber would be held back; 65535 is the most it takes.
        File.WriteAllText(file, $$"""
            server_name: bench
            listen: "127.0.0.1:{{BrokerProcess.FreePort()}}"
            max_pending: 1GB
            max_connections: 100000
            jetstream { store_dir: "{{folder}}/jetstream" }
            mqtt { listen: "127.0.0.1:{{port}}", max_ack_pending: 65535 }

            """);
        return new ProcessStartInfo(_file!, ["-c", file]);
    });
}
