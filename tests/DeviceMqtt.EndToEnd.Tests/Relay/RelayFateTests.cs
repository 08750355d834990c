namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>A sender at a gateway below learns what becomes of its command at the gateway above (P2P rules 7 and 10).</summary>
[TestClass]
public sealed class RelayFateTests
{
    [TestMethod]
    [DataRow("5.0"), DataRow("3.1.1")]
    public async Task Command_ToTheGatewayAbove_SenderBelowIsToldHowItEnds(string protocol)
    {
        await using GatewayProcess upper = await GatewayProcess.Start(
            "--set", "Security:Users:lower=secret", "--set", "Security:Roles:lower=bridge", "--set", "Security:AllowAnonymous=true", "--set", "Security:AnonymousRole=Operator");
        await using (RawMqtt visit = await RawMqtt.Connect(upper, "sleeper"))
        {
            await visit.Subscribe("known");
        }

        await using MosquittoSub watcher = await MosquittoSub.Start(upper, new SubscriberOptions { ClientId = "watcher", QoS = 1 }, "presence/lower");
        await using GatewayProcess lower = await GatewayProcess.Start(
            "--upstream", $"mqtt://lower:secret@127.0.0.1:{upper.Port}", "--set", "Relay:ClientId=lower", "--set", "Relay:BackoffMinMs=50", "--set", $"Relay:Protocol={protocol}",
            "--set", "Relay:Rules:0:Direction=In", "--set", "Relay:Rules:0:Filter=$gw/receipt/+");
        await watcher.Messages.WaitFor(m => m.Text == "true", "the link between the gateways");
        await using RawMqtt app = await RawMqtt.Connect(lower, "app");
        await app.Subscribe("$gw/receipt/app");

        await app.Send(RawBytes.Publish("dm/p2p/sleeper", """{"id":"k1","cmd":"ping","from":"app","ttl":2}""", qos: 1, packetId: 1));
        foreach (string status in new[] { "queued", "relayed", "expired" })
            await app.Packets.WaitFor(p => p.Type == RawType.Publish && p.Text.StartsWith($$"""{"st":"{{status}}","to":"sleeper","id":"k1""", StringComparison.Ordinal), status);
        await app.Send(RawBytes.Publish("dm/p2p/nobody", """{"id":"k2","cmd":"ping","from":"app"}""", qos: 1, packetId: 2));

        await app.Packets.WaitFor(p => p.Type == RawType.Publish && p.Text.StartsWith("""{"st":"dropped","to":"nobody","id":"k2","why":"unknown""", StringComparison.Ordinal), "dropped");
        Assert.HasCount(1, app.Packets.Items.Where(p => p.Type == RawType.Publish && p.Text.Contains("dropped", StringComparison.Ordinal)).ToArray());
    }
}
