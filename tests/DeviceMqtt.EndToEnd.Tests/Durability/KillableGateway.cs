namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>A gateway that can be killed at any moment and started again on the same port and the same data folder.</summary>
internal sealed class KillableGateway : BrokerUnderTest
{
    private readonly TestFolder _data = new();
    private readonly string[] _arguments;
    private ChildProcess? _process;

    private KillableGateway(string[] arguments)
    {
        Port = FreePorts.Take();
        _arguments = ["--listen", $"{Host}:{Port}", "--http", "off", "--data", _data.Path, .. arguments];
    }

    public override int Port { get; }

    public override Uri WebSocketAddress => throw new InvalidOperationException("it has no HTTP");

    public ChildProcess Process => _process ?? throw new InvalidOperationException("the gateway is down");

    public string DataFolder => _data.Path;

    public static async Task<KillableGateway> Start(params string[] arguments)
    {
        KillableGateway gateway = new(arguments);
        try
        {
            await gateway.Up();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>One that was not started yet.</summary>
    public static KillableGateway Prepare(params string[] arguments) => new(arguments);

    /// <param name="under">A program, with its arguments, that runs the gateway: strace, say.</param>
    public async Task Up(params string[] under)
    {
        string[] command = [.. under, .. GatewayProcess.Command, "run", .. _arguments];
        _process = ChildProcess.Start(command[0], command[1..]);
        await _process.Output.WaitFor(line => line.StartsWith("listening mqtt", StringComparison.Ordinal), "listening mqtt");
    }

    /// <summary>The words of the command that starts it.</summary>
    public IEnumerable<string> RunCommand => ["run", .. _arguments];

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        await Process.DisposeAsync();
        _process = null;
    }

    /// <summary>Runs a command of the gateway's on the data folder while it is down.</summary>
    public async Task<(int ExitCode, string Output)> Inspect(params string[] command)
    {
        await using ChildProcess process = GatewayProcess.LaunchExactly([.. command, _data.Path]);
        int exitCode = await process.WaitForExit();
        return (exitCode, process.Transcript());
    }

    public override string Transcript() => _process?.Transcript() ?? "the gateway is down";

    public override async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _data.Dispose();
    }
}
