using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Commands that come from upstream while nothing more can be kept: the upstream has them until they are.</summary>
[TestClass]
public sealed class RelayFullCustodyTests
{
    [TestMethod]
    [DataRow("3.1.1", QoS.AtLeastOnce), DataRow("3.1.1", QoS.ExactlyOnce)]
    [DataRow("5.0", QoS.AtLeastOnce), DataRow("5.0", QoS.ExactlyOnce)]
    public async Task P2P_CustodyIsFull_NotAcknowledgedAndAskedForAgain(string protocol, QoS qos)
    {
        PacketType first = qos == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;
        SlowCustody custody = null!;
        await using TestRelay relay = await TestRelay.StartAsync(
            o => o.Protocol = protocol, ports: ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true });
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await relay.WhenIdleAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);

        await peer.SendPublishAsync("dm/p2p/dev1", "0", qos, 1);
        await peer.ExpectAckAsync(first, 1);
        Assert.AreEqual("0", (await board.ReceivePublishAndAckAsync()).Payload);
        await relay.PublishAsync("dm/b/tele/t", "goes up");
        ReceivedPublish up = await peer.ReceivePublishAsync();
        custody.IsFull = true;
        await peer.SendPublishAsync("dm/p2p/dev1", "1", qos, 2);
        await peer.SendPublishAsync("dm/p2p/dev1", "2", qos, 3);
        await peer.SendAckAsync(PacketType.PubAck, up.PacketId);
        await relay.WhenIdleAsync(); // what went up is acknowledged all the same
        // Behind those two, and the next that is answered.
        await peer.SendAckAsync(PacketType.PubRel, 9);
        await peer.ExpectAckAsync(PacketType.PubComp, 9);
        await board.ExpectNothingAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.NoRoomForUpstream);
        relay.Lines.ExpectNoMore();

        // There is room again: what comes now would overtake the two.
        custody.IsFull = false;
        await peer.SendPublishAsync("dm/p2p/dev1", "3", qos, 4);
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(2));
        await peer.ExpectCloseAsync(); // without DISCONNECT: its Will tells that it is gone if there is no next connection
        Assert.Contains("NoRoomHere", await relay.Lines.ExpectAsync(RelayLines.Disconnected), StringComparison.Ordinal);
        UpstreamPeer again = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await again.ReceivePresenceAsync();
        for (ushort packetId = 2; packetId <= 4; packetId++)
        {
            await again.SendPublishAsync("dm/p2p/dev1", $"{packetId - 1}", qos, packetId, dup: true);
            await again.ExpectAckAsync(first, packetId);
            Assert.AreEqual($"{packetId - 1}", (await board.ReceivePublishAndAckAsync()).Payload);
        }

        Assert.AreEqual(UplinkEndReason.NoRoomHere, relay.Uplink.Status.LastEnd.Reason);
        await board.ExpectNothingAsync();
    }

    // The other node has a Session of its own, and nothing of what waits here. It was asked.
    [TestMethod]
    public async Task P2P_CustodyWasFullTwice_TheSameNodeIsAskedAgainEachTime()
    {
        await using FakeUpstream other = FakeUpstream.Start();
        SlowCustody custody = null!;
        await using TestRelay relay = await TestRelay.StartAsync(ports: ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn) { IsFast = true }, otherAddress: other.Address);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        await relay.WhenIdleAsync();
        Task<UpstreamPeer> elsewhere = other.AcceptAsync();
        for (int i = 0; i < 2; i++)
        {
            custody.IsFull = true;
            await peer.SendPublishAsync("dm/p2p/dev1", "1", QoS.AtLeastOnce, 2, dup: i > 0);
            await Patience.Until(() => relay.Look(static s => s.Unacknowledged) == 1, "a message that finds no room");
            custody.IsFull = false;
            Task<UpstreamPeer> here = relay.Upstream.AcceptMqttAsync(sessionPresent: true);
            _ = await relay.Gateway.ConnectAsync(""); // no second goes by: the turn that finds room is enough
            Assert.AreSame(here, await Task.WhenAny(here, elsewhere));
            peer = await here;
            await peer.ReceivePresenceAsync();
        }

        await peer.SendPublishAsync("dm/p2p/dev1", "1", QoS.AtLeastOnce, 2, dup: true);
        await peer.ExpectAckAsync(PacketType.PubAck, 2);
        Assert.AreEqual("1", (await board.ReceivePublishAndAckAsync()).Payload);
    }
}
