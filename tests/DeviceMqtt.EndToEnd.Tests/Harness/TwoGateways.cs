namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>A gateway over another one, which comes in with the role of a bridge, as <see cref="LowerId"/>. Whoever has no user is an operator there.</summary>
internal sealed class TwoGateways : IAsyncDisposable
{
    /// <summary>Of the lower one, upstream.</summary>
    public const string LowerId = "lower";

    private TwoGateways(GatewayProcess upper, GatewayProcess lower)
    {
        Upper = upper;
        Lower = lower;
    }

    public GatewayProcess Upper { get; }

    public GatewayProcess Lower { get; }

    /// <summary>Starts both, and returns when they are connected.</summary>
    /// <param name="protocol">Of the link: 5.0 or 3.1.1.</param>
    /// <param name="lower">More arguments of the lower one.</param>
    public static async Task<TwoGateways> Start(string protocol, params string[] lower)
    {
        GatewayProcess upper = await GatewayProcess.Start(
            "--set", $"Security:Users:{LowerId}=secret", "--set", $"Security:Roles:{LowerId}=bridge", "--set", "Security:AllowAnonymous=true", "--set", "Security:AnonymousRole=Operator");
        try
        {
            await using RawMqtt watcher = await RawMqtt.Connect(upper, "watcher");
            await watcher.Subscribe($"presence/{LowerId}");
            GatewayProcess below = await GatewayProcess.Start(
                [
                    "--upstream", $"mqtt://{LowerId}:secret@{BrokerUnderTest.Host}:{upper.Port}", "--set", $"Relay:ClientId={LowerId}", "--set", "Relay:BackoffMinMs=50",
                    "--set", $"Relay:Protocol={protocol}", .. lower,
                ]);
            try
            {
                await watcher.Packets.WaitFor(static packet => packet.Type == RawType.Publish && packet.Text == "true", "the link between the gateways");
                return new TwoGateways(upper, below);
            }
            catch
            {
                await below.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await upper.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Lower.DisposeAsync();
        await Upper.DisposeAsync();
    }
}
