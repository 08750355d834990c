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

    // Two devices with one Client Identifier: each take-over had a line of its own, one a second for as long as it went on.
    [TestMethod]
    public async Task ClientId_FoughtFor_SaidOnceAndThenCountedOnceAMinute()
    {
        await using TestGateway gateway = TestGateway.Start();
        TestClient first = await gateway.ConnectAsync("twin");
        TestClient last = await TakeOverAsync(gateway, first, 4);
        Assert.AreEqual(4, Lines(gateway, "Warning 103"));
        last = await TakeOverAsync(gateway, last, 7);
        Assert.AreEqual(1, Lines(gateway, "Warning 112: two clients with the Client Identifier 'twin'"));
        Assert.AreEqual(4, Lines(gateway, "Warning 103"), "a take-over of the fight has a line of its own");

        gateway.Advance(60);

        Assert.AreEqual(1, Lines(gateway, "Warning 113: two clients still take over from each other with the Client Identifier 'twin': 7 times"), string.Join('\n', gateway.Log.Lines));
        last = await TakeOverAsync(gateway, last, 6);
        Assert.AreEqual(1, Lines(gateway, "Warning 112"), "the same fight is told twice");

        gateway.Advance(60);
        gateway.Advance(60);
        _ = await TakeOverAsync(gateway, last, 6);

        Assert.AreEqual(2, Lines(gateway, "Warning 112"), "after a minute without a take-over it was over, and this is another");
    }

    // Once the fight is on, each of them waits for the whole of Limits:TakeOverMs.
    private static async Task<TestClient> TakeOverAsync(TestGateway gateway, TestClient old, int times)
    {
        for (int i = 0; i < times; i++)
        {
            TestClient young = gateway.Open();
            await young.SendConnectAsync("twin");
            gateway.Advance(1);
            Assert.AreEqual(0, (await young.ReceiveConnAckAsync()).Code);
            await old.WaitForEndAsync();
            old = young;
        }

        return old;
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
        Assert.AreEqual(1, Lines(gateway, "Debug 107: connection 1: client 'maria' (user 'maria', 127.0.0.1:40000) is let in as Device"), string.Join('\n', gateway.Log.Lines));
    }

    private static async Task RefusedAsync(TestGateway gateway)
    {
        TestClient client = gateway.Open();
        await client.SendAsync([0xC0, 0x00]); // PINGREQ
        await client.ExpectCloseAsync(CloseReason.ProtocolError);
    }

    private static int Lines(TestGateway gateway, string start) => gateway.Log.Lines.Count(l => l.StartsWith(start, StringComparison.Ordinal));
}
