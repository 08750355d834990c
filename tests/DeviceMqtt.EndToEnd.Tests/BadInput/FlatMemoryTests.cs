namespace DeviceMqtt.EndToEnd.Tests.BadInput;

/// <summary>Strangers cannot make the gateway grow.</summary>
[TestClass]
public sealed class FlatMemoryTests
{
    // What a runtime that collects lazily may wander up and down by; the attacks below would cost gigabytes if they worked.
    private const long WanderBytes = 40L * 1024 * 1024;

    [TestMethod]
    public async Task Packets_ThatClaimTheirLargestSizeAndNeverCome_CostNoMemory()
    {
        const int Connections = 200;
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await Visit(gateway, Connections);
        long before = gateway.Process.ResidentBytes;

        for (int round = 0; round < 5; round++)
        {
            await Attack(gateway, Connections);
        }

        AssertFlat(before, gateway);
    }

    [TestMethod]
    public async Task Connections_ThatSendGarbage_LeaveNothingBehind()
    {
        const int Connections = 200;
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "Log:Level=Error");
        await Garbage(gateway, Connections, seed: 0);
        long before = gateway.Process.ResidentBytes;

        for (int round = 1; round <= 10; round++)
        {
            await Garbage(gateway, Connections, round);
        }

        AssertFlat(before, gateway);
        await using RawMqtt polite = await RawMqtt.Connect(gateway, "polite");
    }

    private static async Task Visit(GatewayProcess gateway, int connections)
    {
        RawMqtt[] visitors = await Task.WhenAll(
            Enumerable.Range(0, connections).Select(_ => RawMqtt.Connect(gateway, Unique.Name("visitor"))));
        await Task.WhenAll(visitors.Select(visitor => visitor.DisposeAsync().AsTask()));
    }

    // Each has connected properly and holds an announced megabyte back: a buffer of the announced size would show.
    private static async Task Attack(GatewayProcess gateway, int connections)
    {
        RawMqtt[] attackers = await Task.WhenAll(
            Enumerable.Range(0, connections).Select(_ => RawMqtt.Connect(gateway, Unique.Name("attacker"))));
        await Task.WhenAll(attackers.Select(attacker => attacker.Send([0x30, .. RawBytes.RemainingLength(1024 * 1024 - 4), 0x00, 0x01, 0x61])));
        await using (RawMqtt witness = await RawMqtt.Connect(gateway, Unique.Name("witness")))
        {
            await witness.Send(RawBytes.PingReq);
            await witness.Next(RawType.PingResp);
        }

        await Task.WhenAll(attackers.Select(attacker => attacker.DisposeAsync().AsTask()));
    }

    private static async Task Garbage(GatewayProcess gateway, int connections, int seed) =>
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async number =>
        {
            byte[] bytes = new byte[500];
            new Random((seed * connections) + number).NextBytes(bytes);
            await using RawMqtt client = await RawMqtt.Open(gateway);
            // A CONNECT first for every other one, so that the garbage meets a session.
            await client.SendUntilClosed(number % 2 == 0 ? bytes : [.. RawBytes.Connect(Unique.Name("garbage")), .. bytes]);
        }));

    private static void AssertFlat(long before, GatewayProcess gateway)
    {
        long after = gateway.Process.ResidentBytes;
        Assert.IsLessThan(before + WanderBytes, after, $"{before / 1024} KB before, {after / 1024} KB after");
    }
}
