using System.Text.Json;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>What the gateway knows of its clients, told upstream where a rule says so.</summary>
[TestClass]
public sealed class RelayPresenceTests
{
    [TestMethod]
    public async Task Presence_RuleSendsItUp_EachChangeRetained()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Rules = [new RelayRule { Filter = "$gw/presence/+", Topic = "gw/{gateway}/presence/{1}", Class = RelayClass.High }, new RelayRule { Filter = "#" }]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await ExpectAsync(peer, online: true);
        await board.DropAsync();
        await ExpectAsync(peer, online: false);
    }

    [TestMethod]
    public async Task Presence_NoRule_StaysHere()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        _ = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await relay.PublishAsync("dm/b/tele/t", "the next");

        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    // The subscription for the device's commands comes in between.
    private static async Task ExpectAsync(UpstreamPeer peer, bool online)
    {
        if (online)
            await peer.GrantAsync(["+/p2p/dev1"]);
        ReceivedPublish told = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("gw/gw/presence/dev1", true), (told.Topic, told.Retain));
        using JsonDocument document = JsonDocument.Parse(told.PayloadBytes);
        Assert.AreEqual(online, document.RootElement.GetProperty("online").GetBoolean());
    }
}
