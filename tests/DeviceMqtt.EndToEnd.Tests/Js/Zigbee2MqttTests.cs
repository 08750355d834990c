using System.Text.Json;

namespace DeviceMqtt.EndToEnd.Tests.Js;

/// <summary>Another maker's bridge on the same broker: zigbee2mqtt from npm, its radio played, all of its MQTT side its own.</summary>
[TestClass]
public sealed class Zigbee2MqttTests
{
    private const string Base = "zigbee2mqtt/";
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(1); // it starts for some seconds

    [TestMethod]
    [LongDataRow(4)]
    [LongDataRow(5)]
    public async Task Bridge_OnTheGateway_StateReadingsCommandsAndRequests(int version)
    {
        using TestFolder folder = new();
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "HomeAssistant:Enabled=true");
        await using MosquittoSub observer = await MosquittoSub.Start(gateway, new SubscriberOptions { QoS = 1 }, Base + "#", "homeassistant/#");
        await using ChildProcess bridge = await Zigbee2MqttPackage.Start(gateway.Port, version, folder);

        // What it is, and what it has.
        await observer.Messages.WaitFor(static m => m.Topic == Base + "bridge/state" && m.Text.Contains("online", StringComparison.Ordinal), "its state", patience: Slow);
        ReceivedMessage devices = await observer.Messages.WaitFor(static m => m.Topic == Base + "bridge/devices" && m.Text.Contains("\"shed\"", StringComparison.Ordinal), "its devices", patience: Slow);
        Assert.HasCount(3, JsonSerializer.Deserialize<JsonElement[]>(devices.Text)!);
        // It tells Home Assistant of its devices in its own documents, which stay beside ours.
        await observer.Messages.WaitFor(static m => m.Topic == "homeassistant/sensor/0x00124b0000000003/temperature/config", "the sensor for Home Assistant", patience: Slow);
        await observer.Messages.WaitFor(static m => m.Topic == "homeassistant/light/0x00124b0000000002/light/config", "the lamp for Home Assistant", patience: Slow);

        // A reading goes up, a command goes down.
        bridge.SendLine("temperature 2150");
        await observer.Messages.WaitFor(static m => m.Topic == Base + "shed" && m.Text.Contains("\"temperature\":21.5", StringComparison.Ordinal), "the reading", patience: Slow);
        await MosquittoPub.Send(gateway, Base + "lamp/set", """{"state":"ON"}""", qos: 1);
        await bridge.Output.WaitFor(static line => line == "radio: 0x00124b0000000002 genOnOff on", "the command on the air", patience: Slow);
        await observer.Messages.WaitFor(static m => m.Topic == Base + "lamp" && m.Text.Contains("\"state\":\"ON\"", StringComparison.Ordinal), "the state of the lamp", patience: Slow);

        // A request has its answer, by the number of the one who asked.
        await MosquittoPub.Send(gateway, Base + "bridge/request/permit_join", """{"time":60,"transaction":"t-1"}""", qos: 1);
        ReceivedMessage answer = await observer.Messages.WaitFor(static m => m.Topic == Base + "bridge/response/permit_join", "the answer", patience: Slow);
        StringAssert.Contains(answer.Text, "\"status\":\"ok\"", StringComparison.Ordinal);
        StringAssert.Contains(answer.Text, "\"transaction\":\"t-1\"", StringComparison.Ordinal);
        await bridge.Output.WaitFor(static line => line == "radio: open for 60 s", "the radio to open", patience: Slow);

        // Who comes later finds what was retained.
        await using MosquittoSub late = await MosquittoSub.Start(gateway, new SubscriberOptions { QoS = 1 }, Base + "bridge/#", "homeassistant/#");
        await late.Messages.WaitFor(static m => m.Topic == Base + "bridge/info", "what the bridge is");
        await late.Messages.WaitFor(static m => m.Topic == "homeassistant/light/0x00124b0000000002/light/config", "the retained document of the lamp");

        // It dies: its Will says so.
        await bridge.Kill();
        await observer.Messages.WaitFor(static m => m.Topic == Base + "bridge/state" && m.Text.Contains("offline", StringComparison.Ordinal), "the Will", patience: Slow);
    }
}
