namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>A gateway with a mosquitto of its own as upstream.</summary>
internal sealed class RelayedGateway : IAsyncDisposable
{
    /// <summary>The gateway's Client Identifier upstream.</summary>
    public const string ClientId = "gateway-under-test";

    private RelayedGateway(MosquittoBroker upstream, GatewayProcess gateway)
    {
        Upstream = upstream;
        Gateway = gateway;
    }

    public MosquittoBroker Upstream { get; }

    public GatewayProcess Gateway { get; }

    /// <summary>Starts both, and returns when the gateway is connected upstream.</summary>
    public static async Task<RelayedGateway> Start(params string[] arguments)
    {
        MosquittoBroker upstream = await MosquittoBroker.Start();
        try
        {
            GatewayProcess gateway = await GatewayProcess.Start([.. ArgumentsFor(upstream), .. arguments]);
            try
            {
                RelayedGateway relayed = new(upstream, gateway);
                await relayed.WaitForUplink();
                return relayed;
            }
            catch
            {
                await gateway.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await upstream.DisposeAsync();
            throw;
        }
    }

    /// <summary>What makes a gateway relay to that broker, and come back quickly when it was away.</summary>
    public static string[] ArgumentsFor(MosquittoBroker upstream) =>
    [
        "--upstream", $"mqtt://{BrokerUnderTest.Host}:{upstream.Port}",
        "--set", $"Relay:ClientId={ClientId}",
        "--set", "Relay:BackoffMinMs=50",
        "--set", "Relay:BackoffMaxMs=200",
        // The boards of the tests have no user: without this they were operators, for whom nothing is asked for upstream.
        "--set", "Security:Rights:board:Publish:0=#", "--set", "Security:Rights:board:Subscribe:0=#", "--set", "Security:Rights:board:Subscribe:1=$SYS/#", "--set", "Security:LocalRole=board",
    ];

    /// <summary>Waits until the gateway is connected to the upstream as it runs now.</summary>
    public Task WaitForUplink() =>
        Upstream.Log.WaitFor(line => line.EndsWith($"Sending CONNACK to {ClientId} (0, 0)", StringComparison.Ordinal) || line.EndsWith($"Sending CONNACK to {ClientId} (1, 0)", StringComparison.Ordinal), "the gateway's CONNECT");

    /// <summary>Waits until P2P messages published upstream for that device come to the gateway.</summary>
    public Task WaitForCommandPath(string clientId) =>
        Upstream.Log.WaitFor(line => line.EndsWith($"{ClientId} 2 +/p2p/{clientId}", StringComparison.Ordinal), $"the gateway's subscription for {clientId}");

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
