using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>What strangers do fills no log: so many lines a minute, then a count.</summary>
[TestClass]
internal sealed class ClosedLinesTests
{
    private static readonly int Max = new LogOptions().ClosedLinesPerMinuteMax;

    [TestMethod]
    public async Task ClosedConnections_MoreThanTheLinesOfAMinute_TheOthersAreCountedInOneLine()
    {
        await using TestGateway gateway = TestGateway.Start();
        for (int i = 0; i < Max + 7; i++)
            await RefusedAsync(gateway);
        Assert.AreEqual(Max, Lines(gateway, "Warning 103"));
        Assert.AreEqual(7, Lines(gateway, "Debug 105"), "at Debug each has its line");

        gateway.Advance(60);
        gateway.Advance(60);

        Assert.AreEqual(1, Lines(gateway, "Warning 106: 7 more connections"));
        await RefusedAsync(gateway);
        Assert.AreEqual(Max + 1, Lines(gateway, "Warning 103"));
    }

    [TestMethod]
    public async Task Connection_WhileTheGatewayStops_IsNoMatterOfALimit()
    {
        await using TestGateway gateway = TestGateway.Start();
        gateway.Stop();
        TestClient late = gateway.Open();
        await late.ExpectCloseAsync(CloseReason.ServerShuttingDown);
        Assert.AreEqual(0, Lines(gateway, "Warning"), string.Join('\n', gateway.Log.Lines));
    }

    [TestMethod]
    public async Task Client_LetIn_SaidAtDebugWithItsUserAndRole()
    {
        await using TestGateway gateway = TestGateway.Start(security: static s => s.Users["maria"] = "s3cret-s3cret");
        TestClient client = gateway.Open();
        _ = await client.ConnectAsync("maria", userName: "maria", password: "s3cret-s3cret");
        Assert.AreEqual(1, Lines(gateway, "Debug 107: connection 1: client 'maria' is let in, user 'maria', as Device"), string.Join('\n', gateway.Log.Lines));
    }

    private static async Task RefusedAsync(TestGateway gateway)
    {
        TestClient client = gateway.Open();
        await client.SendAsync([0xC0, 0x00]); // PINGREQ
        await client.ExpectCloseAsync(CloseReason.ProtocolError);
    }

    private static int Lines(TestGateway gateway, string start) => gateway.Log.Lines.Count(l => l.StartsWith(start, StringComparison.Ordinal));
}
