using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>For whom the gateway subscribes upstream: for devices, and whoever speaks as one. Each costs a subscription there.</summary>
[TestClass]
public sealed class RelayReachableTests
{
    [TestMethod]
    public async Task Operator_WithAnyIdentifier_CostsNoSubscriptionUpstream()
    {
        await using TestRelay relay = await TestRelay.StartAsync(role: ClientRole.Operator);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        for (int i = 0; i < 20; i++)
            await (await relay.Gateway.ConnectAsync($"mosq-{i}")).DisconnectAsync();
        await relay.PublishAsync("t", "the next");
        Assert.AreEqual("the next", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Operator_ThatSpeaksAsADevice_OrAsksUpstream_IsReached()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Out = ["nothing"], role: ClientRole.Operator);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        _ = await (await relay.Gateway.ConnectAsync("present")).PublishAsync("presence/present", "true", QoS.AtLeastOnce);
        await peer.GrantAsync(["+/p2p/present"]);
        _ = await (await relay.Gateway.ConnectAsync("GID_g@@@born")).PublishAsync("dm/born/info", "{}", QoS.AtLeastOnce);
        await peer.GrantAsync(["+/p2p/GID_g@@@born"]);
        TestClient reader = await relay.Gateway.ConnectAsync("reader");
        Assert.AreEqual(ReasonCode.Success, await reader.SubscribeAsync("dm/p2p/reader"));
        await peer.GrantAsync(["+/p2p/reader"]);
        TestClient other = await relay.Gateway.ConnectAsync("other");
        _ = await other.PublishAsync("presence/present", "false", QoS.AtLeastOnce); // not its own
        _ = await other.PublishAsync("dm/p2p/in-the-cloud", "question", QoS.AtLeastOnce);
        await peer.GrantAsync(["+/p2p/other"]);
        Assert.AreEqual("question", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task Devices_ThatComeWhileSubscribesAreUnanswered_GoTogetherInTheNext()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Out = ["t"]);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        List<SubscribePacket> first = [];
        for (int i = 0; i < 4; i++)
        {
            _ = await relay.Gateway.ConnectAsync($"first-{i}");
            first.Add(await peer.ReceiveSubscribeAsync());
        }

        for (int i = 0; i < 30; i++)
            _ = await relay.Gateway.ConnectAsync($"dev-{i}");
        await relay.PublishAsync("t", "goes up meanwhile");
        Assert.AreEqual("goes up meanwhile", (await peer.ReceivePublishAndAckAsync()).Payload);

        await peer.SendSubAckAsync(first[0]);
        await peer.GrantAsync([.. Enumerable.Range(0, 30).Select(static i => $"+/p2p/dev-{i}")]);
    }

    [TestMethod]
    public async Task Reachable_OverARestart_StaysSo()
    {
        TestRelay relay = await TestRelay.StartAsync(disk: new MemoryStorage(), role: ClientRole.Operator);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        _ = await relay.Gateway.ConnectAsync("nobody");
        TestClient device = await relay.Gateway.ConnectAsync("dev");
        _ = await device.SubscribeAsync("dm/p2p/dev");
        await peer.GrantAsync(["+/p2p/dev"]);
        await relay.PublishRetainedAsync("$local", "commits");

        await using TestRelay again = await TestRelay.StartAsync(disk: await relay.CrashAsync(), role: ClientRole.Operator);
        UpstreamPeer second = await again.Upstream.AcceptMqttAsync();
        await second.ReceivePresenceAsync();
        await second.GrantAsync(["+/p2p/dev"]);
    }
}
