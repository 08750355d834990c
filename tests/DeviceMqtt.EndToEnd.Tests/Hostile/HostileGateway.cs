namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>A gateway with 128 MB of memory and three users: boards, an operator, and one who means ill.</summary>
internal sealed class HostileGateway : IAsyncDisposable
{
    private const string HeapBytes = "8000000"; // hexadecimal: 128 MB
    private readonly TestFolder _data = new();
    private readonly int? _openFiles;
    private ChildProcess? _process;

    private readonly string[] _more;

    private HostileGateway(int? openFiles, string[] more) => (_openFiles, _more) = (openFiles, more);

    public int Port { get; } = FreePorts.Take();

    public int HttpPort { get; } = FreePorts.Take();

    public ChildProcess Process => _process ?? throw new InvalidOperationException("the gateway is down");

    public string DataFolder => _data.Path;

    /// <param name="openFiles">The shell's limit for the gateway; null for what there is.</param>
    /// <param name="settings">Further ones, KEY=VALUE.</param>
    public static async Task<HostileGateway> Start(int? openFiles = null, string[]? settings = null)
    {
        HostileGateway gateway = new(openFiles, settings ?? []);
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

    public async Task Up()
    {
        // The budgets are what is tried, not the rights: the boards and the one who means ill may publish and subscribe to anything, under any Client Identifier.
        string[] settings =
        [
            .. ((string[])[HonestBoard.User, Operator.User, Mallory.User]).Select(static user => $"Security:Users:{user}={user}"),
            .. ((string[])[HonestBoard.User, Mallory.User]).SelectMany(static user => (string[])[$"Security:Roles:{user}=open", $"Security:ClientIds:{user}:0=*"]),
            "Security:Rights:open:Publish:0=#",
            "Security:Rights:open:Subscribe:0=#",
            $"Security:Roles:{Operator.User}=operator",
            .. _more,
        ];
        string[] arguments = ["--listen", $"127.0.0.1:{Port}", "--http", $"127.0.0.1:{HttpPort}", "--data", _data.Path, .. settings.SelectMany(static setting => (string[])["--set", setting])];
        Dictionary<string, string> environment = new() { ["DOTNET_GCHeapHardLimit"] = HeapBytes };
        string[] starter = [.. Cores.OfTheGateway, .. _openFiles is int files ? GatewayProcess.WithFewFiles(files) : []];
        _process = GatewayProcess.LaunchBy(starter, arguments, environment);
        await _process.Output.WaitFor(line => line.StartsWith("listening mqtt", StringComparison.Ordinal), "listening mqtt");
    }

    /// <summary>kill -9, and a start under the same limit.</summary>
    public async Task Restart()
    {
        await Process.DisposeAsync();
        _process = null;
        await Up();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _data.Dispose();
    }
}
