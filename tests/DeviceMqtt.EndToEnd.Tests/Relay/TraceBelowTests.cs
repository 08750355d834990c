using System.Diagnostics;

namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>A command is followed from the gateway that its sender is at to the device at the gateway below, in two processes.</summary>
[TestClass]
public sealed class TraceBelowTests
{
    [TestMethod]
    [DataRow("5.0"), LongDataRow("3.1.1")]
    public async Task Command_ToADeviceOfTheGatewayBelow_TheWayAboveHasWhatTheGatewayBelowSays(string protocol)
    {
        await using TwoGateways both = await TwoGateways.Start(protocol, "--set", "Relay:Rules:0:Filter=$gw/receipt/+", "--set", "Relay:Rules:1:Filter=#");
        await using RawMqtt board = await RawMqtt.Connect(both.Lower, "board-1");
        await board.Send(RawBytes.Publish("dm/board-1/info", """{"id":"board-1","cmd":["ping"]}""", qos: 1, packetId: 1)); // a client that tells no birth is no device
        await using RawMqtt app = await RawMqtt.Connect(both.Upper, "app");
        await app.Subscribe("$gw/receipt/app");
        await app.Subscribe("$gw/trace");

        Task acknowledging = AcknowledgeAsync(board);
        string id = await SendUntilKnownAsync(app);
        await acknowledging;
        await app.Packets.WaitFor(packet => IsReceipt(packet, "delivered", id), "the receipt of the gateway below");
        string way = await UntilToldAsync(app, id);
        Assert.Contains("the gateway below says: lower: delivered", way, StringComparison.Ordinal);
    }

    private static async Task AcknowledgeAsync(RawMqtt board)
    {
        RawPacket command = await board.Packets.WaitFor(packet => packet.Type == RawType.Publish, "the command");
        await board.Send(RawBytes.PubAck(command.PacketId));
    }

    // The receipt goes to its reader and into the way: who has the one asks again for the other.
    private static async Task<string> UntilToldAsync(RawMqtt app, string id)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            int from = app.Packets.Count;
            await app.Send(RawBytes.Publish("$gw/trace", $$"""{"command":"{{id}}"}"""));
            RawPacket answer = await app.Packets.WaitFor(static packet => packet.Type == RawType.Publish && packet.Text.Contains("\"trace\"", StringComparison.OrdinalIgnoreCase), "the way of the command", from);
            if (answer.Text.Contains("the gateway below says: lower: delivered", StringComparison.Ordinal) || Stopwatch.GetElapsedTime(began) > Patience.Default)
                return answer.Text;
        }
    }

    // Until the gateway below has told the one above of its board, nobody there knows it.
    private static async Task<string> SendUntilKnownAsync(RawMqtt app)
    {
        long began = Stopwatch.GetTimestamp();
        for (int attempt = 1; Stopwatch.GetElapsedTime(began) < Patience.Default; attempt++)
        {
            string id = $"k{attempt:00000}";
            int from = app.Packets.Count;
            await app.Send(RawBytes.Publish("dm/p2p/board-1", $$"""{"id":"{{id}}","cmd":"ping","from":"app"}""", qos: 1, packetId: (attempt % ushort.MaxValue) + 1));
            RawPacket told = await app.Packets.WaitFor(packet => IsReceipt(packet, "dropped", id) || IsReceipt(packet, "queued", id) || IsReceipt(packet, "delivered", id), "a receipt", from);
            if (!IsReceipt(told, "dropped", id))
                return id;
        }

        throw new AssertFailedException("the board is not known above");
    }

    private static bool IsReceipt(RawPacket packet, string status, string id) =>
        packet.Type == RawType.Publish && packet.Text.Contains($"\"st\":\"{status}\"", StringComparison.Ordinal) && packet.Text.Contains($"\"id\":\"{id}\"", StringComparison.Ordinal);
}
