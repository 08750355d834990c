using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>Three nodes of NATS with JetStream, each with an MQTT listener: Debian's nats-server. One node is killed and comes back.</summary>
internal sealed class NatsCluster : UpstreamEngine
{
    private const int Nodes = 3;
    private readonly TestFolder _folder = new();
    private readonly string _program;
    private readonly int[] _clientPorts = [.. Enumerable.Range(0, Nodes).Select(_ => FreePorts.Take())];
    private readonly int[] _clusterPorts = [.. Enumerable.Range(0, Nodes).Select(_ => FreePorts.Take())];
    private readonly int[] _mqttPorts = [.. Enumerable.Range(0, Nodes).Select(_ => FreePorts.Take())];
    private readonly ChildProcess?[] _processes = new ChildProcess?[Nodes];
    private readonly OutsideBroker _reader;

    private NatsCluster(string program)
    {
        _program = program;
        _reader = new OutsideBroker(_mqttPorts[Nodes - 1], () => string.Join(Environment.NewLine, _processes.Select(p => p?.Transcript())));
    }

    // The node that is killed stands first, so that it is the one the gateway is connected to.
    public override string Addresses => string.Join(',', _mqttPorts.Select(port => $"mqtt://{BrokerUnderTest.Host}:{port}"));

    public override BrokerUnderTest Reader => _reader;

    public override int Faults => 1;

    public static async Task<NatsCluster> Start()
    {
        NatsCluster cluster = new(OutsideProgram.Require("nats-server", "nats-server"));
        for (int node = 0; node < Nodes; node++)
            cluster.Launch(node);
        foreach (ChildProcess? process in cluster._processes)
            await process!.Errors.WaitFor(line => line.Contains("Server is ready", StringComparison.Ordinal), "Server is ready");
        await cluster._reader.WaitUntilItAccepts();
        return cluster;
    }

    public override async Task Break(int fault)
    {
        await _processes[0]!.DisposeAsync();
        _processes[0] = null;
    }

    public override async Task Mend(int fault)
    {
        Launch(0);
        await _processes[0]!.Errors.WaitFor(line => line.Contains("Server is ready", StringComparison.Ordinal), "Server is ready");
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (ChildProcess? process in _processes)
            if (process is not null)
                await process.DisposeAsync();
        _folder.Dispose();
    }

    private void Launch(int node)
    {
        string routes = string.Join(", ", _clusterPorts.Select(port => $"nats://{BrokerUnderTest.Host}:{port}"));
        string configuration = _folder.Write($"node{node}.conf", string.Create(CultureInfo.InvariantCulture, $$"""
            server_name: node{{node}}
            host: {{BrokerUnderTest.Host}}
            port: {{_clientPorts[node]}}
            jetstream { store_dir: "{{_folder.File($"data{node}")}}", max_memory_store: 64MB, max_file_store: 1GB }
            cluster { name: test, host: {{BrokerUnderTest.Host}}, port: {{_clusterPorts[node]}}, routes: [ {{routes}} ] }
            mqtt { host: {{BrokerUnderTest.Host}}, port: {{_mqttPorts[node]}}, ack_wait: "60s" }
            """));
        _processes[node] = ChildProcess.Start(_program, ["-c", configuration]);
    }
}
