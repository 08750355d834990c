using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using MQTTnet;
using MQTTnet.Protocol;

namespace DeviceMqtt.Gateway.Tests.HomeAssistant;

/// <summary>A gateway with its sockets, boards, and a Home Assistant that does what the documentation of the real one says.</summary>
[TestClass]
[DoNotParallelize]
public sealed class HomeAssistantTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [TestMethod]
    public async Task Board_TellsItsBirth_AppearsIsSwitchedAndGoes()
    {
        await using GatewayHost gateway = await StartAsync();
        await using FakeHomeAssistant home = await FakeHomeAssistant.StartAsync(Port(gateway));
        using IMqttClient board = await ConnectAsync(gateway, "kitchen");
        board.ApplicationMessageReceivedAsync += received => AnswerAsync(board, received.ApplicationMessage);
        await PublishAsync(board, "dm/kitchen/info", Birth("kitchen"), retain: true);

        await home.WaitFor("dm_kitchen is available", h => h.IsAvailable("kitchen"));
        await home.PublishAsync("ha/kitchen/cmd/relay.set/on", "ON");
        await home.WaitFor("the state of the relay", h => h.Last("ha/kitchen/evt/relay") is { } state && state.Contains("\"on\":true", StringComparison.Ordinal));
        await board.DisconnectAsync();
        await home.WaitFor("dm_kitchen is away", h => !h.IsAvailable("kitchen"));
        using IMqttClient other = await ConnectAsync(gateway, "other");
        await PublishAsync(other, "dm/kitchen/info", "", retain: true);
        await home.WaitFor("dm_kitchen is forgotten", h => !h.Knows("kitchen"));
        await gateway.StopAsync();
    }

    [TestMethod]
    public async Task HomeAssistant_StartsAnew_AThousandBoardsAnnouncedAgainAndNoneIsAway()
    {
        const int Boards = 1_000;
        await using GatewayHost gateway = await StartAsync();
        List<IMqttClient> boards = [];
        for (int i = 0; i < Boards; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"b{i}");
            boards.Add(await ConnectAsync(gateway, name));
            await PublishAsync(boards[^1], $"dm/{name}/info", Birth(name), retain: true);
        }

        await using (FakeHomeAssistant before = await FakeHomeAssistant.StartAsync(Port(gateway)))
            await before.WaitFor("all are there", static h => h.AvailableCount == Boards);
        await using FakeHomeAssistant home = await FakeHomeAssistant.StartAsync(Port(gateway));
        await home.WaitFor("all are announced again", static h => h.AnnouncedLiveCount == Boards);

        // What is retained of the last ones may come behind their documents.
        await home.WaitFor("none is away", static h => h.AvailableCount == Boards);
        Assert.IsEmpty(home.Broken);
        boards.ForEach(static b => b.Dispose());
        await gateway.StopAsync();
    }

    /// <summary>States went on, and each wish of Home Assistant failed until the gateway was started anew.</summary>
    [TestMethod]
    public async Task ConnectionForCommands_EndsAlone_IsMadeAnew()
    {
        await using GatewayHost gateway = await StartAsync();
        string? before = null;
        await TestSupport.Patience.Until(() => (before = ForCommands(gateway)) is not null && IsAnnouncing(gateway), "the bridge");
        using (gateway.Broker.Turn.Enter())
            gateway.Broker.Sessions.Find(before!)!.Connection!.Close(CloseReason.QuotaExceeded);

        await TestSupport.Patience.Until(() => ForCommands(gateway) is { } now && now != before && IsAnnouncing(gateway), "another connection for commands");
        await gateway.StopAsync();
    }

    /// <summary>Nothing went on any more, for the message was there each time that the connection was made anew.</summary>
    [TestMethod]
    public async Task Event_ThatIsNoText_IsRetained_OthersGoOn()
    {
        await using GatewayHost gateway = await StartAsync();
        await using FakeHomeAssistant home = await FakeHomeAssistant.StartAsync(Port(gateway));
        using IMqttClient board = await ConnectAsync(gateway, "kitchen");
        await PublishAsync(board, "dm/kitchen/info", Birth("kitchen"), retain: true);
        await home.WaitFor("dm_kitchen is available", h => h.IsAvailable("kitchen"));
        string before = ForCommands(gateway)!;

        await PublishAsync(board, "dm/kitchen/evt/relay", """{"on":true,"x":"\ud800"}""", retain: true);
        await PublishAsync(board, "dm/kitchen/evt/relay", """{"n":2,"b":7,"up":9,"on":true}""");

        await home.WaitFor("the state of the relay", h => h.Last("ha/kitchen/evt/relay") is { } state && state.Contains("\"on\":true", StringComparison.Ordinal));
        Assert.AreEqual(before, ForCommands(gateway), "the connection has not ended");
        await gateway.StopAsync();
    }

    private static string? ForCommands(GatewayHost gateway)
    {
        using Broker.Turns.Turn.Scope scope = gateway.Broker.Turn.Enter();
        return gateway.Broker.Sessions.All.FirstOrDefault(static s => s.IsConnected && s.ClientId.StartsWith("client-", StringComparison.Ordinal))?.ClientId;
    }

    private static bool IsAnnouncing(GatewayHost gateway)
    {
        using Broker.Turns.Turn.Scope scope = gateway.Broker.Turn.Enter();
        return gateway.Broker.Sessions.All.Any(static s => s.IsConnected && s.ClientId.StartsWith("home-assistant-", StringComparison.Ordinal) && s.Subscriptions.Count == 6);
    }

    private static string Birth(string name) =>
        $$$"""{"id":"{{{name}}}","fw":"1","board":"b","b":7,"up":1,"win":4,"tele":{"climate":{"temp":"Cel"}},"evt":["relay"],"cmd":["relay.set! on:b@relay.on","reboot!"]}""";

    private static async Task<GatewayHost> StartAsync()
    {
        GatewayHost gateway = GatewayHost.Create(new GatewayOptions { Data = GatewayOptions.NoData, Listen = ["127.0.0.1:0"], Http = "off", HomeAssistant = { Enabled = true } });
        await gateway.StartAsync();
        return gateway;
    }

    private static int Port(GatewayHost gateway) => gateway.MqttEndPoints.First().Port;

    private static async Task<IMqttClient> ConnectAsync(GatewayHost gateway, string clientId)
    {
        IMqttClient client = new MqttClientFactory().CreateMqttClient();
        _ = await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", Port(gateway)).WithClientId(clientId).Build()).WaitAsync(Patience);
        return client;
    }

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string topic, string payload, bool retain = false) =>
        client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag(retain).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build()).WaitAsync(Patience);

    // A board: its relay tells each change, and the command is answered.
    private static async Task AnswerAsync(IMqttClient board, MqttApplicationMessage message)
    {
        using JsonDocument json = JsonDocument.Parse(message.ConvertPayloadToString());
        string id = json.RootElement.GetProperty("id").GetString()!, from = json.RootElement.GetProperty("from").GetString()!;
        bool on = json.RootElement.GetProperty("args").GetProperty("on").GetBoolean();
        await PublishAsync(board, "dm/kitchen/evt/relay", on ? """{"n":1,"b":7,"up":9,"on":true}""" : """{"n":1,"b":7,"up":9,"on":false}""");
        await PublishAsync(board, $"dm/p2p/{from}", $$$"""{"id":"{{{id}}}","st":"ok","code":0,"res":{"on":{{{(on ? "true" : "false")}}}}}""");
    }
}
