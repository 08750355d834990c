using System.Net;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Simulator;

/// <summary>Everything the demo runs on this machine: upstream broker, line, gateway, three boards, and two clients that watch.</summary>
internal sealed class DemoStage : IAsyncDisposable
{
    private const int BoardCount = 3;
    private GatewayHost? _standIn;
    private GatewayHost? _gateway;
    private readonly List<VirtualBoard> _boards = [];

    private DemoStage()
    {
    }

    public Cable Cable { get; private set; } = null!;

    /// <summary>A client of the gateway.</summary>
    public Watcher Local { get; private set; } = null!;

    /// <summary>An application at the upstream broker.</summary>
    public Watcher Application { get; private set; } = null!;

    public IReadOnlyList<VirtualBoard> Boards => _boards;

    public bool HasStandIn => _standIn is not null;

    public string UpstreamName { get; private set; } = "";

    public int GatewayPort => _gateway!.MqttEndPoints.First().Port;

    public IPEndPoint? GatewayHttp => _gateway!.HttpEndPoint;

    /// <exception cref="IOException">An address is taken, or a broker refused.</exception>
    public static async Task<DemoStage> SetUpAsync(UpstreamAddress? upstream, string listen, string http)
    {
        TransportSettings.ApplyToProcess();
        DemoStage stage = new();
        try
        {
            await stage.StartAsync(upstream, listen, http);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (VirtualBoard board in _boards)
            await board.DisposeAsync();
        Local?.Dispose();
        Application?.Dispose();
        await StopAsync(_gateway);
        if (Cable is not null)
            await Cable.DisposeAsync();
        await StopAsync(_standIn);
    }

    private async Task StartAsync(UpstreamAddress? upstream, string listen, string http)
    {
        if (upstream is null)
        {
            _standIn = GatewayHost.Create(new GatewayOptions { Listen = ["127.0.0.1:0"], Http = "off", Data = GatewayOptions.NoData, Security = { LocalRole = "bridge" } });
            await _standIn.StartAsync();
            upstream = UpstreamAddress.Parse($"mqtt://{_standIn.MqttEndPoints.First()}");
        }

        UpstreamName = $"{upstream.Host}:{upstream.Port}";
        Cable = new Cable(upstream.Host, upstream.Port);
        string credentials = upstream.UserName is null ? "" : $"{Uri.EscapeDataString(upstream.UserName)}:{Uri.EscapeDataString(upstream.Password ?? "")}@";
        // A demo leaves nothing behind.
        GatewayOptions options = new() { Listen = [listen], Http = http, Data = GatewayOptions.NoData, Upstream = $"mqtt://{credentials}{Cable.EndPoint}" };
        // A demo shows the line come back within a second or two.
        options.Relay.BackoffMaxMs = 1000;
        _gateway = GatewayHost.Create(options);
        await _gateway.StartAsync();

        Application = Watcher.Connect(upstream.Host, upstream.Port, "GID_demo@@@cloud-app", upstream.UserName, upstream.Password);
        Local = Watcher.Connect("127.0.0.1", GatewayPort, "GID_demo@@@watcher");
        for (int n = 1; n <= BoardCount; n++)
            _boards.Add(new VirtualBoard(new VirtualBoardOptions { Port = GatewayPort, ClientId = $"GID_demo@@@board-{n}", Seed = n, Period = TimeSpan.FromMilliseconds(500) }));
    }

    private static async Task StopAsync(GatewayHost? host)
    {
        if (host is null)
            return;
        await host.StopAsync();
        await host.DisposeAsync();
    }
}
