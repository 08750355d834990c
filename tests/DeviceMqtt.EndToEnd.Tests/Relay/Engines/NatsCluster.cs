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

    private readonly int _ackWaitSeconds;

    private NatsCluster(string program, int ackWaitSeconds)
    {
        _program = program;
        _ackWaitSeconds = ackWaitSeconds;
        _reader = new OutsideBroker(_mqttPorts[Nodes - 1], () => string.Join(Environment.NewLine, _processes.Select(p => p?.Transcript())));
    }

    // The node that is killed stands first, so that it is the one the gateway is connected to.
    public override string Addresses => BrokerUnderTest.AddressesOf(_mqttPorts);

    public override BrokerUnderTest Reader => _reader;

    public override int Faults => 1;

    /// <param name="ackWaitSeconds">After so long it sends again what a reader has not acknowledged.</param>
    public static async Task<NatsCluster> Start(int ackWaitSeconds = 5)
    {
        NatsCluster cluster = new(OutsideProgram.Require("nats-server", "nats-server"), ackWaitSeconds);
        try
        {
            for (int node = 0; node < Nodes; node++)
                cluster.Launch(node);
            for (int node = 0; node < Nodes; node++)
                await cluster.WaitUntilReady(node);
            await cluster._reader.WaitUntilItAccepts();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where the nodes listen for MQTT, this one first.</summary>
    public IReadOnlyList<int> PortsFrom(int node) => [.. Enumerable.Range(node, Nodes).Select(n => _mqttPorts[n % Nodes])];

    /// <summary>One node, for a client.</summary>
    public BrokerUnderTest At(int node) => new BrokerAddress(_reader, _mqttPorts[node]);

    public override Task Break(int fault) => Kill(0);

    public override Task Mend(int fault) => Up(0);

    /// <summary>kill -9.</summary>
    public async Task Kill(int node)
    {
        await _processes[node]!.DisposeAsync();
        _processes[node] = null;
    }

    /// <summary>Starts a node that was killed, on what it had on its disk.</summary>
    public async Task Up(int node)
    {
        Launch(node);
        await WaitUntilReady(node);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (ChildProcess? process in _processes)
            if (process is not null)
                await process.DisposeAsync();
        _folder.Dispose();
    }

    private Task<string> WaitUntilReady(int node) =>
        _processes[node]!.Errors.WaitFor(line => line.Contains("Server is ready", StringComparison.Ordinal), "Server is ready");

    // What is lost between two nodes, a message or its acknowledgement, when the way between them breaks or another node leads
    // the consumer, NATS sends again after ack_wait, counted anew after each change of the leader. Until then it stands still
    // once max_ack_pending are open, and those behind have overtaken the lost ones. So: one at a time, and not for long.
    private void Launch(int node)
    {
        string routes = string.Join(", ", _clusterPorts.Select(port => $"nats://{BrokerUnderTest.Host}:{port}"));
        string configuration = _folder.Write($"node{node}.conf", string.Create(CultureInfo.InvariantCulture, $$"""
            server_name: node{{node}}
            host: {{BrokerUnderTest.Host}}
            port: {{_clientPorts[node]}}
            jetstream { store_dir: "{{_folder.File($"data{node}")}}", max_memory_store: 64MB, max_file_store: 1GB }
            cluster { name: test, host: {{BrokerUnderTest.Host}}, port: {{_clusterPorts[node]}}, routes: [ {{routes}} ] }
            mqtt { host: {{BrokerUnderTest.Host}}, port: {{_mqttPorts[node]}}, ack_wait: "{{_ackWaitSeconds}}s", max_ack_pending: 1 }
            """));
        _processes[node] = ChildProcess.Start(_program, ["-c", configuration]);
    }
}
