using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>RabbitMQ with its MQTT plugin: Debian's rabbitmq-server, as a node of its own beside any that runs here. It is restarted.</summary>
internal sealed class RabbitEngine : UpstreamEngine
{
    // The program in /usr/sbin changes to the user rabbitmq, who owns the machine's one node.
    private static readonly string[] Programs = ["/usr/lib/rabbitmq/bin/rabbitmq-server"];
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(1); // it closes its queues one by one
    private readonly TestFolder _folder = new();
    private readonly string _program;
    private readonly int _port = FreePorts.Take();
    private readonly string _epmdPort = FreePorts.Take().ToString(CultureInfo.InvariantCulture);
    private readonly int _distributionPort = FreePorts.Take();
    private readonly OutsideBroker _reader;
    private ChildProcess? _process;

    private RabbitEngine(string program)
    {
        _program = program;
        _reader = new OutsideBroker(_port, () => _process?.Transcript() ?? "RabbitMQ is down");
    }

    public override string Addresses => $"mqtt://{BrokerUnderTest.Host}:{_port}";

    public override BrokerUnderTest Reader => _reader;

    public override int Faults => 1;

    public static async Task<RabbitEngine> Start()
    {
        string program = Array.Find(Programs, File.Exists)
            ?? throw new AssertInconclusiveException("needs RabbitMQ, which is not on this machine (package rabbitmq-server)");
        RabbitEngine engine = new(program);
        try
        {
            await engine.Up();
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    // Not killed: one killed in the first seconds of a binding has lost it now and then when it was back (3.10, once in some twenty-five runs), and what
    // is published before the gateway has subscribed anew is for nobody then, although RabbitMQ acknowledges it.
    public override async Task Break(int fault)
    {
        _process!.Terminate();
        _ = await _process.WaitForExit(StopPatience);
        await _process.DisposeAsync();
        _process = null;
    }

    public override Task Mend(int fault) => Up();

    public override async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        // Erlang's name server stays behind its node; this one has a port of its own.
        await using (ChildProcess epmd = ChildProcess.Start("epmd", ["-port", _epmdPort, "-kill"]))
            _ = await epmd.WaitForExit();
        _folder.Dispose();
    }

    private async Task Up()
    {
        string configuration = _folder.Write("rabbitmq.conf", $"""
            listeners.tcp = none
            mqtt.listeners.tcp.1 = {BrokerUnderTest.Host}:{_port}
            mqtt.allow_anonymous = true
            mqtt.default_user = guest
            mqtt.default_pass = guest
            mqtt.prefetch = 1000
            log.console = true
            log.console.level = info
            log.file = false
            """ + "\n");
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["HOME"] = _folder.Path,
            ["ERL_EPMD_PORT"] = _epmdPort,
            ["ERL_EPMD_ADDRESS"] = BrokerUnderTest.Host,
            ["RABBITMQ_NODENAME"] = "devicemqtt-test@localhost",
            ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_CONFIG_FILE"] = configuration,
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.Write("enabled_plugins", "[rabbitmq_mqtt].\n"),
            ["RABBITMQ_MNESIA_BASE"] = _folder.File("data"),
            ["RABBITMQ_LOG_BASE"] = _folder.File("log"),
            ["RABBITMQ_PID_FILE"] = _folder.File("pid"),
        };
        _process = ChildProcess.Start(_program, [], environment: environment);
        await _process.Output.WaitFor(line => line.Contains("Server startup complete", StringComparison.Ordinal), "Server startup complete", patience: TimeSpan.FromMinutes(2));
    }
}
