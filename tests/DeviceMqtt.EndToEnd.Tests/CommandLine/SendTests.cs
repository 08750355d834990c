using System.Text.Json;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary><c>send</c> and <c>device list|show</c>: a command to a board, by name, and its answer.</summary>
[TestClass]
public sealed class SendTests
{
    private const string ClientId = "GID_home@@@kitchen";
    private const string Birth = $$$"""{"id":"{{{ClientId}}}","fw":"1.2","board":"esp","b":1,"up":1,"win":1,"tele":{"climate":{"temp":"Cel"}},"cmd":["relay.set! on:b","ping"]}""";

    [TestMethod]
    public async Task Send_DeviceAnswersOk_AnswerOnStandardOutputAndExit0()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt board = await BoardAsync(gateway);

        await using ChildProcess send = GatewayProcess.LaunchExactly(["send", "kitchen", "relay.set", "on=true", "--timeout", "30s", "--data", gateway.DataFolder]);
        JsonElement command = await AnswerAsync(board, "\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}");

        Assert.AreEqual(0, await send.WaitForExit(), send.Transcript());
        Assert.AreEqual("relay.set", command.GetProperty("cmd").GetString());
        Assert.IsTrue(command.GetProperty("args").GetProperty("on").GetBoolean());
        await send.Output.WaitFor(static line => line == """ok {"on":true}""", "the answer");
        await send.Errors.WaitFor(static line => line == "answered", "progress");
    }

    [TestMethod]
    public async Task Send_SameCommandTwice_FreshIdsAndBothAreCarriedOut()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt board = await BoardAsync(gateway);
        HashSet<string?> ids = [];
        for (int i = 0; i < 2; i++)
        {
            await using ChildProcess send = GatewayProcess.LaunchExactly(["send", "GID_home", "relay.set", "on=false", "--timeout", "30s", "--json", "--data", gateway.DataFolder]);
            _ = ids.Add((await AnswerAsync(board, "\"st\":\"ok\",\"code\":0")).GetProperty("id").GetString());
            Assert.AreEqual(0, await send.WaitForExit(), send.Transcript());
            await send.Output.WaitFor(static line => line.StartsWith("""{"device":"kitchen","to":"GID_home@@@kitchen","id":""", StringComparison.Ordinal), "a line of JSON");
        }

        Assert.HasCount(2, ids);
    }

    [TestMethod]
    public async Task Send_DeviceSaysNo_ReasonAndExit1()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt board = await BoardAsync(gateway);

        await using ChildProcess send = GatewayProcess.LaunchExactly(["send", "kitchen", "ping", "--timeout", "30s", "--data", gateway.DataFolder]);
        _ = await AnswerAsync(board, "\"st\":\"err\",\"code\":20,\"why\":\"the pin failed\"");

        Assert.AreEqual(1, await send.WaitForExit(), send.Transcript());
        await send.Errors.WaitFor(static line => line == "err 20: the pin failed", "the reason");
    }

    [TestMethod]
    public async Task Send_DeviceAway_NoAnswerInTimeAndExit1AndTheCommandDoesNotComeLater()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await LeaveAsync(gateway, await BoardAsync(gateway));

        (int exitCode, string said) = await Run("send", "kitchen", "ping", "--timeout", "3s", "--data", gateway.DataFolder);

        Assert.AreEqual(1, exitCode, said);
        StringAssert.Contains(said, "waits for the device", StringComparison.Ordinal);
        (_, said) = await Run("device", "show", "kitchen", "--data", gateway.DataFolder);
        StringAssert.Contains(said, "GID_home@@@kitchen", StringComparison.Ordinal);
        await using RawMqtt again = await RawMqtt.Connect(gateway, ClientId);
        await again.Send(RawBytes.PingReq);
        Assert.AreEqual(RawType.PingResp, (await again.Next()).Type);
    }

    [TestMethod]
    public async Task Send_WaitOnline_SentWhenTheDeviceIsThere()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await LeaveAsync(gateway, await BoardAsync(gateway));

        await using ChildProcess send = GatewayProcess.LaunchExactly(["send", "kitchen", "ping", "--wait-online", "--timeout", "50s", "--data", gateway.DataFolder]);
        await send.Errors.WaitFor(static line => line == "waits until it is online", "that it waits");
        await using RawMqtt board = await RawMqtt.Connect(gateway, ClientId); // the command comes at once
        _ = await AnswerAsync(board, "\"st\":\"ok\",\"code\":0");

        Assert.AreEqual(0, await send.WaitForExit(), send.Transcript());
    }

    [TestMethod]
    [DataRow(2, "kitchen does not know 'relay.sett'; it knows relay.set, ping", "kitchen", "relay.sett")]
    [DataRow(2, "on cannot be 'perhaps': on=true|false", "kitchen", "relay.set", "on=perhaps")]
    [LongDataRow(2, "relay.set needs on=true|false", "kitchen", "relay.set")]
    [LongDataRow(2, "relay.set has no argument 'off'", "kitchen", "relay.set", "off=true")]
    [LongDataRow(2, "--timeout cannot be 'soon'", "kitchen", "ping", "--timeout", "soon")]
    [DataRow(1, "no device is called 'cellar'", "cellar", "ping")]
    public async Task Send_WrongWords_SaysWhatIsWrong(int expected, string why, params string[] words)
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt board = await BoardAsync(gateway);

        (int exitCode, string said) = await Run(["send", .. words, "--data", gateway.DataFolder]);

        Assert.AreEqual(expected, exitCode, said);
        StringAssert.Contains(said, why, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task DeviceList_And_Show_PresenceCommandsAndQueue()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt board = await BoardAsync(gateway);
        (int code, string list) = await Run("device", "list", "--data", gateway.DataFolder);
        Assert.AreEqual(0, code, list);
        StringAssert.Contains(list, "kitchen  online", StringComparison.Ordinal);
        await LeaveAsync(gateway, board);

        await MosquittoPub.Send(gateway, $"dm/p2p/{ClientId}", """{"id":"1","cmd":"ping","from":"me","ttl":500}""", qos: 1, clientId: "me");
        (int exitCode, string said) = await Run("device", "show", "kitchen", "--data", gateway.DataFolder);

        Assert.AreEqual(0, exitCode, said);
        StringAssert.Contains(said, "kitchen: offline", StringComparison.Ordinal);
        StringAssert.Contains(said, "queue     1 wait, 0 not answered, the oldest for", StringComparison.Ordinal);
        StringAssert.Contains(said, "command   relay.set on=true|false", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task DeviceList_DeviceWithoutBirthAndNameWithControls_ListedAndMadeVisible()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt hall = await RawMqtt.Connect(gateway, "hall");
        await hall.Send(RawBytes.Publish("dm/hall/info", """{"id":"hall","fw":"\u001b[31m1\u202e2","board":"esp","b":1,"up":1,"win":1,"tele":{},"cmd":["ping"]}""", qos: 1, packetId: 1, retain: true));
        _ = await hall.Next(RawType.PubAck);
        (int added, string said) = await Run("device", "add", "cellar", "--board", "esp32-devkitc", "--wifi", "home", "--wifi-open", "--gateway", "127.0.0.1", "--data", gateway.DataFolder);
        Assert.AreEqual(0, added, said);
        StringAssert.Contains(said, "listens on this machine alone, so no board reaches it", StringComparison.Ordinal);
        // The port was on the gateway's command line.
        StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(gateway.DataFolder, "devices", "cellar", "settings.json")), $"\"port\":{gateway.Port}", StringComparison.Ordinal);

        (int unborn, string why) = await Run("device", "show", "cellar", "--data", gateway.DataFolder);
        Assert.AreEqual(1, unborn, why);
        StringAssert.Contains(why, "'cellar' is let in, and has told no birth yet", StringComparison.Ordinal);
        (int unsent, string whyNot) = await Run("send", "cellar", "ping", "--data", gateway.DataFolder);
        Assert.AreEqual(1, unsent, whyNot);
        StringAssert.Contains(whyNot, "'cellar' is let in, and has told no birth yet", StringComparison.Ordinal);

        (int exitCode, string list) = await Run("device", "list", "--data", gateway.DataFolder);

        Assert.AreEqual(0, exitCode, list);
        StringAssert.Contains(list, "cellar  no birth yet", StringComparison.Ordinal);
        StringAssert.Contains(list, @"esp \u001b[31m1\u202e2", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Send_NoGateway_SaysSoAndExits1()
    {
        using TestFolder data = new();

        (int exitCode, string said) = await Run("send", "kitchen", "ping", "--data", data.Path);

        Assert.AreEqual(1, exitCode, said);
        StringAssert.Contains(said, $"no gateway runs with the data folder '{data.Path}'", StringComparison.Ordinal);
    }

    private static async Task<RawMqtt> BoardAsync(GatewayProcess gateway)
    {
        RawMqtt board = await RawMqtt.Connect(gateway, ClientId);
        await board.Send(RawBytes.Publish("dm/kitchen/info", Birth, qos: 1, packetId: 1, retain: true));
        _ = await board.Next(RawType.PubAck);
        return board;
    }

    // Its Wi-Fi is gone. The gateway has noticed when its own presence of the board says so.
    private static async Task LeaveAsync(GatewayProcess gateway, RawMqtt board)
    {
        await using RawMqtt watcher = await RawMqtt.Connect(gateway, "watcher");
        await watcher.Subscribe($"$gw/presence/{ClientId}");
        await board.DisposeAsync();
        _ = await watcher.Packets.WaitFor(static packet => packet.Type == RawType.Publish && packet.Text.Contains("\"online\":false", StringComparison.Ordinal), "the end of the board's connection");
    }

    private static async Task<JsonElement> AnswerAsync(RawMqtt board, string answer)
    {
        RawPacket packet = await board.Next(RawType.Publish);
        JsonElement command = JsonDocument.Parse(packet.Text).RootElement.Clone();
        await board.Send(RawBytes.PubAck(packet.PacketId), RawBytes.Publish($"dm/p2p/{command.GetProperty("from").GetString()}", $$"""{"id":"{{command.GetProperty("id").GetString()}}",{{answer}}}"""));
        return command;
    }

    private static async Task<(int ExitCode, string Said)> Run(params string[] words)
    {
        await using ChildProcess command = GatewayProcess.LaunchExactly(words);
        return (await command.WaitForExit(), command.Transcript());
    }
}
