namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>A command is followed from the gateway that its sender is at to the device at the gateway below, in two processes.</summary>
[TestClass]
public sealed class TraceBelowTests
{
    private const int AttemptsMax = 50;

    [TestMethod]
    [DataRow("5.0"), DataRow("3.1.1")]
    public async Task Command_ToADeviceOfTheGatewayBelow_TheWayAboveHasWhatTheGatewayBelowSays(string protocol)
    {
        await using GatewayProcess upper = await GatewayProcess.Start(
            "--set", "Security:Users:lower=secret", "--set", "Security:Roles:lower=bridge", "--set", "Security:AllowAnonymous=true", "--set", "Security:AnonymousRole=Operator");
        await using GatewayProcess lower = await GatewayProcess.Start(
            "--upstream", $"mqtt://lower:secret@127.0.0.1:{upper.Port}", "--set", "Relay:ClientId=lower", "--set", "Relay:BackoffMinMs=50", "--set", $"Relay:Protocol={protocol}");
        await using RawMqtt board = await RawMqtt.Connect(lower, "board-1");
        await using RawMqtt app = await RawMqtt.Connect(upper, "app");
        await app.Subscribe("$gw/receipt/app");
        await app.Subscribe("$gw/trace");

        string id = await SendUntilKnownAsync(app);
        RawPacket command = await board.Packets.WaitFor(packet => packet.Type == RawType.Publish, "the command");
        await board.Send(RawBytes.PubAck(command.PacketId));
        await app.Packets.WaitFor(packet => IsReceipt(packet, "delivered", id), "the receipt of the gateway below");
        await app.Send(RawBytes.Publish("$gw/trace", $$"""{"command":"{{id}}"}"""));

        RawPacket answer = await app.Packets.WaitFor(static packet => packet.Type == RawType.Publish && packet.Text.Contains("\"trace\"", StringComparison.OrdinalIgnoreCase), "the way of the command");
        Assert.Contains("the gateway below says: delivered", answer.Text);
        Assert.Contains("lower", answer.Text);
    }

    // Until the gateway below has told the one above of its board, nobody there knows it.
    private static async Task<string> SendUntilKnownAsync(RawMqtt app)
    {
        for (int attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            string id = $"k{attempt:00}";
            await app.Send(RawBytes.Publish("dm/p2p/board-1", $$"""{"id":"{{id}}","cmd":"ping","from":"app"}""", qos: 1, packetId: attempt));
            RawPacket told = await app.Packets.WaitFor(packet => IsReceipt(packet, "dropped", id) || IsReceipt(packet, "queued", id) || IsReceipt(packet, "delivered", id), "a receipt");
            if (!IsReceipt(told, "dropped", id))
                return id;
            await Task.Yield();
        }

        throw new AssertFailedException($"the board was not known above after {AttemptsMax} commands");
    }

    private static bool IsReceipt(RawPacket packet, string status, string id) =>
        packet.Type == RawType.Publish && packet.Text.Contains($"\"st\":\"{status}\"", StringComparison.Ordinal) && packet.Text.Contains($"\"id\":\"{id}\"", StringComparison.Ordinal);
}
