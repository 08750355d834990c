namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>A sender at a gateway below learns what becomes of its command at the gateway above (P2P rules 7 and 10).</summary>
[TestClass]
public sealed class RelayFateTests
{
    [TestMethod]
    [DataRow("5.0"), LongDataRow("3.1.1")]
    public async Task Command_ToTheGatewayAbove_SenderBelowIsToldHowItEnds(string protocol)
    {
        await using TwoGateways both = await TwoGateways.Start(protocol, "--set", "Relay:Rules:0:Direction=In", "--set", "Relay:Rules:0:Filter=$gw/receipt/+");
        await using (RawMqtt visit = await RawMqtt.Connect(both.Upper, "sleeper"))
        {
            await visit.Subscribe("known");
        }

        await using RawMqtt app = await RawMqtt.Connect(both.Lower, "app");
        await app.Subscribe("$gw/receipt/app");

        await app.Send(RawBytes.Publish("dm/p2p/sleeper", """{"id":"k1","cmd":"ping","from":"app","ttl":5}""", qos: 1, packetId: 1));
        foreach (string status in new[] { "queued", "relayed", "expired" })
            await app.Packets.WaitFor(p => p.Type == RawType.Publish && p.Text.StartsWith($$"""{"st":"{{status}}","to":"sleeper","id":"k1""", StringComparison.Ordinal), status);
        await app.Send(RawBytes.Publish("dm/p2p/nobody", """{"id":"k2","cmd":"ping","from":"app"}""", qos: 1, packetId: 2));

        await app.Packets.WaitFor(p => p.Type == RawType.Publish && p.Text.StartsWith("""{"st":"dropped","to":"nobody","id":"k2","why":"unknown""", StringComparison.Ordinal), "dropped");
        Assert.HasCount(1, app.Packets.Items.Where(p => p.Type == RawType.Publish && p.Text.Contains("dropped", StringComparison.Ordinal)).ToArray());
    }
}
