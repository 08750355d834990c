namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>A gateway with 128 MB of memory and three users: boards, an operator, and one who means ill.</summary>
internal sealed class HostileGateway : IAsyncDisposable
{
    private const string HeapBytes = "8000000"; // hexadecimal: 128 MB
    private const int SyncUs = 300_000; // a card that is worn
    private readonly TestFolder _data = new();
    private readonly Attack _attack;
    private ChildProcess? _process;
    private ChildProcess? _slowness;

    private readonly string[] _more;

    private HostileGateway(Attack attack, string[] more) => (_attack, _more) = (attack, more);

    public int Port { get; } = FreePorts.Take();

    public int HttpPort { get; } = FreePorts.Take();

    public ChildProcess Process => _process ?? throw new InvalidOperationException("the gateway is down");

    public string DataFolder => _data.Path;

    /// <param name="attack">What it is made for.</param>
    /// <param name="settings">Further ones, KEY=VALUE.</param>
    public static async Task<HostileGateway> Start(Attack attack, string[]? settings = null)
    {
        HostileGateway gateway = new(attack, settings ?? []);
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
        string[] attackers = [.. Enumerable.Range(0, _attack.Users).Select(Mallory.UserOf)];
        string[] settings =
        [
            .. ((string[])[HonestBoard.User, Operator.User, .. attackers]).Select(static user => $"Security:Users:{user}={user}"),
            .. ((string[])[HonestBoard.User, .. attackers]).SelectMany(static user => (string[])[$"Security:Roles:{user}=open", $"Security:ClientIds:{user}:0=*"]),
            "Security:Rights:open:Publish:0=#",
            "Security:Rights:open:Subscribe:0=#",
            $"Security:Roles:{Operator.User}=operator",
            .. _more,
        ];
        string[] arguments = ["--listen", $"127.0.0.1:{Port}", "--http", $"127.0.0.1:{HttpPort}", "--data", _data.Path, .. settings.SelectMany(static setting => (string[])["--set", setting])];
        Dictionary<string, string> environment = new() { ["DOTNET_GCHeapHardLimit"] = HeapBytes };
        string[] starter = [.. Cores.OfTheGateway, .. _attack.OpenFiles is int files ? GatewayProcess.WithFewFiles(files) : []];
        _process = GatewayProcess.LaunchBy(starter, arguments, environment);
        await _process.Output.WaitFor(line => line.StartsWith("listening mqtt", StringComparison.Ordinal), "listening mqtt");
    }

    /// <summary>Where the attack is meant for one, the disk is slow from now on, until the gateway is started again.</summary>
    public async Task SlowDown()
    {
        if (!_attack.IsDiskSlow)
            return;
        string strace = OutsideProgram.Require("strace", "strace");
        _slowness = ChildProcess.Start(strace, ["-f", "-e", "trace=fdatasync", "-e", $"inject=fdatasync:delay_enter={SyncUs}", "-o", "/dev/null", "-p", $"{Process.Id}"]);
        await _slowness.Errors.WaitFor(static line => line.Contains("attached", StringComparison.Ordinal), "strace has the gateway");
    }

    /// <summary>kill -9, and a start under the same limit.</summary>
    public async Task Restart()
    {
        await EndSlowness();
        await Process.DisposeAsync();
        _process = null;
        await Up();
    }

    public async ValueTask DisposeAsync()
    {
        await EndSlowness();
        if (_process is not null)
            await _process.DisposeAsync();
        _data.Dispose();
    }

    private async Task EndSlowness()
    {
        if (_slowness is not null)
            await _slowness.DisposeAsync();
        _slowness = null;
    }
}
