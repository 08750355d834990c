using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Wills of devices that are held upstream, while the rules that name their topics become others.</summary>
[TestClass]
public sealed class DeviceWillRulesTests
{
    private const string Topic = "presence/board";
    private static readonly WillMessage Offline = new() { Topic = Topic, Payload = "false"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true };

    /// <summary>The next connection ended with an exception, and each one after it: the backlog ran over.</summary>
    [TestMethod]
    public async Task Topic_NotSentUpAnyMore_WillIsLeftToTheUpstreamAndTheLinkComesBack()
    {
        await using TestRelay relay = await StartAsync("#");
        UpstreamPeer peer = await ConnectedAsync(relay);
        _ = await relay.Gateway.ConnectAsync("board", will: Offline);
        UpstreamPeer will = await HeldAsync(relay);

        UseRules(relay, "dm/#");
        await will.ExpectCloseAsync(); // without DISCONNECT: the upstream says that the board is not known to be there
        await peer.DisposeAsync();

        UpstreamPeer again = await ConnectedAsync(relay);
        await relay.PublishAsync("dm/board/evt", "still relayed");
        Assert.AreEqual("still relayed", (await again.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(0, relay.Look(s => s.WillsHeld));
    }

    [TestMethod]
    public async Task Topic_SentUpFromNowOn_WillIsHeldAndTheStateIsTold()
    {
        await using TestRelay relay = await StartAsync("dm/#");
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await relay.Gateway.ConnectAsync("board", will: Offline);
        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);

        UseRules(relay, "#");

        _ = await HeldAsync(relay);
        ReceivedPublish state = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual((Topic, "true", true), (state.Topic, state.Payload, state.Retain));
    }

    [TestMethod]
    public async Task Topic_CalledOtherwiseUpstream_WillIsHeldForItsNewName()
    {
        await using TestRelay relay = await StartAsync("#");
        UpstreamPeer peer = await ConnectedAsync(relay);
        TestClient board = await relay.Gateway.ConnectAsync("board", will: Offline);
        UpstreamPeer will = await HeldAsync(relay);
        _ = await board.PublishAsync(Topic, "true", QoS.AtLeastOnce, retain: true);
        Assert.AreEqual(Topic, (await peer.ReceivePublishAndAckAsync()).Topic);

        UseRules(relay, "#", "site/{topic}");

        await will.ExpectCloseAsync();
        UpstreamPeer other = await relay.Upstream.AcceptAsync();
        Assert.AreEqual("site/" + Topic, (await other.ReceiveConnectAsync()).Will!.Topic);
        await other.SendConnAckAsync(0);
        ReceivedPublish state = await peer.ReceivePublishAndAckAsync();
        Assert.AreEqual(("site/" + Topic, "true", true), (state.Topic, state.Payload, state.Retain));
    }

    private static RelayRule Up(string filter, string topic = "") => new() { Direction = RelayDirection.Out, Filter = filter, Topic = topic };

    private static Task<TestRelay> StartAsync(string filter) => TestRelay.StartAsync(o => (o.P2P, o.Rules) = (false, [Up(filter)]));

    private static void UseRules(TestRelay relay, string filter, string topic = "") => relay.Look(_ =>
    {
        relay.Uplink.UseRules(new RelayOptions { Rules = [Up(filter, topic)] });
        return 0;
    });

    private static async Task<UpstreamPeer> ConnectedAsync(TestRelay relay)
    {
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        return peer;
    }

    private static async Task<UpstreamPeer> HeldAsync(TestRelay relay)
    {
        UpstreamPeer will = await relay.Upstream.AcceptMqttAsync();
        await Patience.Until(() => relay.Look(s => s.WillsHeld) == 1, "the Will upstream");
        return will;
    }
}
