using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Presence;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// A cluster may publish the Will of a connection that it takes for open still behind what the next one has told, up to one and a half Keep Alives later: its nodes do not know better.
/// Before, a device stayed offline there until it spoke of its presence again.
/// </summary>
[TestClass]
public sealed class LateWillTests
{
    private const string Topic = "presence/board";

    [TestMethod]
    public async Task Link_MadeAnew_WhoIsHereIsToldAgainForWillsThatComeLate()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.KeepAliveSeconds = 1000, time: static fake => fake);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("board", will: new WillMessage { Topic = Topic, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true });
        await peer.GrantAsync(["+/p2p/board"]);
        _ = await relay.Upstream.AcceptMqttAsync();
        await Patience.Until(() => relay.Look(s => s.WillsHeld) == 1, "the Will upstream");
        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual("true", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(4));
        await relay.PublishAsync("t", "nothing before");
        Assert.AreEqual("nothing before", (await peer.ReceivePublishAndAckAsync()).Payload);
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(2));
        await peer.ReceivePresenceAsync();
        await ExpectAsync(peer, "true");
        await relay.WhenIdleAsync();

        await board.DropAsync();
        await ExpectAsync(peer, "false");
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(10));
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(600));
        await relay.PublishAsync("t", "nothing more");
        Assert.AreEqual("nothing more", (await peer.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    [DataRow(30, null, new[] { 5, 15, 60 }), DataRow(30, 100, new[] { 5, 15, 165 }), DataRow(0, null, new[] { 5, 15 })]
    public void LateWills_AnotherConnection_DueSoonAndWhenNoneIsLeft(int own, int? upstreams, int[] seconds)
    {
        LateWills late = new(own);
        late.Begin(1_000, new UplinkTerms(UpstreamAddress.Parse("mqtt://localhost"), ProtocolVersion.V5, SessionPresent: true) { KeepAliveSeconds = upstreams });
        int[] due = [.. Enumerable.Range(0, 300).Where(second => late.IsDue(1_000 + (second * 1_000)))];
        CollectionAssert.AreEqual(seconds, due);
    }

    private static async Task ExpectAsync(UpstreamPeer peer, string payload)
    {
        ReceivedPublish publish = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual((Topic, payload, true), (publish.Topic, publish.Payload, publish.Retain));
    }
}
