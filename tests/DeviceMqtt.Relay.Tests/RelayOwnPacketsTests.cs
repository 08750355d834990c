using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// An upstream that closes the connection for a packet of the gateway's own, as AWS does where the policy does not allow it: the packet is found and left out, and messages go. Once each
/// connection ended with it, for ever, and the log named a message that had done nothing.
/// </summary>
[TestClass]
public sealed class RelayOwnPacketsTests
{
    [TestMethod]
    [DataRow("presence/gw", "PUBLISH presence/gw")]
    [DataRow("+/p2p/dev1", "SUBSCRIBE +/p2p/dev1")]
    [DataRow("config/#", "SUBSCRIBE config/#")]
    public async Task Upstream_ClosesForOneOwnPacket_FoundAndLeftOutAndMessagesGo(string closesFor, string named)
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Rules = [new RelayRule { Direction = RelayDirection.In, Filter = "config/#" }], disk: new MemoryStorage());
        foreach (string device in new[] { "dev0", "dev1", "dev2" })
            _ = await relay.Gateway.ConnectAsync(device);
        await relay.PublishAsync("t", "1", "2");

        List<string> arrived = [];
        HashSet<string> granted = [];
        int connections = 0;
        while (arrived.Distinct().Count() < 2 || granted.Count < (closesFor.StartsWith("presence", StringComparison.Ordinal) ? 4 : 3))
        {
            Assert.IsLessThan(12, ++connections, "each connection ends");
            await using UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
            granted.Clear();
            await PlayAsync(peer, closesFor, arrived, granted, () => arrived.Distinct().Count() == 2 && granted.Count == (closesFor.StartsWith("presence", StringComparison.Ordinal) ? 4 : 3));
        }

        CollectionAssert.DoesNotContain(granted.ToArray(), closesFor);
        Assert.AreEqual(0, relay.Look(s => s.Buffer.SetAsides.Count), "the messages have done nothing");
        Assert.IsTrue(relay.Lines.TryFind(RelayLines.OwnPacketLeftOut, out string? line), "it is said which it was");
        StringAssert.Contains(line, $"'{named}'", StringComparison.Ordinal);
        Assert.IsFalse(relay.Lines.TryFind(RelayLines.Suspected, out string? innocent), innocent);
    }

    // An upstream that only comes and goes is no reason to leave anything out.
    [TestMethod]
    public async Task Upstream_ClosesAtOnceAgainAndAgain_NothingIsLeftOut()
    {
        await using TestRelay relay = await TestRelay.StartAsync(o => o.Rules = [new RelayRule { Direction = RelayDirection.In, Filter = "config/#" }]);
        for (int i = 0; i < 8; i++)
            await (await relay.Upstream.AcceptMqttAsync()).DisposeAsync();

        List<string> arrived = [];
        HashSet<string> granted = [];
        await relay.PublishAsync("t", "1");
        await using UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await PlayAsync(peer, "nothing", arrived, granted, () => arrived.Count == 1 && granted.Count == 1);
        CollectionAssert.AreEqual(new[] { "config/#" }, granted.ToArray());
        Assert.IsFalse(relay.Lines.TryFind(RelayLines.OwnPacketLeftOut, out string? line), line);
    }

    // The ends may have been an unlucky chance. What is left out is tried again while the link holds, alone, and costs one connection where the upstream still closes for it.
    [TestMethod]
    public async Task LeftOut_AfterAnHour_TriedAgainOnTheSameConnection()
    {
        const string Filter = "+/p2p/dev1";
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.KeepAliveSeconds = 60_000, time: static fake => fake, hasLateWills: false);
        _ = await relay.Gateway.ConnectAsync("dev1");
        for (int connection = 0; connection < 5; connection++)
        {
            UpstreamPeer ending = await relay.AcceptLaterAsync();
            if (connection >= 2)
                await ending.AnswerPingAsync();
            await ending.ReceivePresenceAsync();
            _ = await ending.ReceiveSubscribeAsync();
            await ending.DisposeAsync();
        }

        UpstreamPeer without = await relay.AcceptLaterAsync();
        await without.AnswerPingAsync();
        await without.ReceivePresenceAsync();
        await PassAsync(relay, without, TimeSpan.FromMinutes(59));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(65));
        Assert.AreEqual(Filter, (await without.ReceiveSubscribeAsync()).Requests.Single().Filter.Value);
        await without.DisposeAsync();

        UpstreamPeer last = await relay.AcceptLaterAsync();
        await last.ReceivePresenceAsync();
        await PassAsync(relay, last, TimeSpan.FromMinutes(119));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(65));
        await last.GrantAsync([Filter]);
        await PassAsync(relay, last, TimeSpan.FromDays(1) / 2);
        Assert.IsTrue(relay.Lines.TryFind(RelayLines.OwnPacketTakenAgain, out string? line), "it is said that it is not left out any more");
        StringAssert.Contains(line, Filter, StringComparison.Ordinal);
    }

    // While a presence is left out nobody upstream sees the gateway.
    [TestMethod]
    public async Task LeftOut_ThePresenceOfTheGateway_ToldAgainAfterAnHour()
    {
        await using TestRelay relay = await TestRelay.StartAsync(static o => o.KeepAliveSeconds = 60_000, time: static fake => fake, hasLateWills: false);
        for (int connection = 0; connection < 5; connection++)
        {
            UpstreamPeer ending = await relay.AcceptLaterAsync();
            if (connection >= 2)
                await ending.AnswerPingAsync();
            _ = await ending.ReceivePublishAsync();
            await ending.DisposeAsync();
        }

        UpstreamPeer without = await relay.AcceptLaterAsync();
        await without.AnswerPingAsync();
        await PassAsync(relay, without, TimeSpan.FromMinutes(59));
        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(65));
        await without.ReceivePresenceAsync();
        await PassAsync(relay, without, TimeSpan.FromHours(5));
        await without.DisposeAsync();
        await (await relay.AcceptLaterAsync()).ReceivePresenceAsync();
    }

    // Time goes by, and nothing comes.
    private static async Task PassAsync(TestRelay relay, UpstreamPeer peer, TimeSpan time)
    {
        for (int i = 0; i < 2; i++)
        {
            await peer.SendPublishAsync("nobody/asked", "x", QoS.AtLeastOnce, 1);
            ReceivedPacket packet = await peer.ReceiveAsync();
            for (; packet.Type == PacketType.PingReq; packet = await peer.ReceiveAsync())
                await peer.SendAsync([0xD0, 0]); // it asks whether what waited is over
            Assert.AreEqual(PacketType.PubAck, packet.Type);
            if (i == 0)
                relay.Gateway.Time.Advance(time);
        }
    }

    // Takes and answers everything, but closes for one topic or filter; ends when enough has come.
    private static async Task PlayAsync(UpstreamPeer peer, string closesFor, List<string> arrived, HashSet<string> granted, Func<bool> isEnough)
    {
        bool hasPresence = closesFor.StartsWith("presence", StringComparison.Ordinal);
        while (!(isEnough() && hasPresence) && await peer.TryReceiveAsync() is { } packet)
        {
            switch (packet.Type)
            {
                case PacketType.PingReq:
                    await peer.SendAsync([0xD0, 0]);
                    break;
                case PacketType.Publish:
                    ReceivedPublish publish = ReceivedPublish.From(packet, peer.Version);
                    if (publish.Topic == closesFor)
                        return;
                    if (publish.Topic == "presence/gw")
                        hasPresence = true;
                    else
                        arrived.Add(publish.Payload);
                    await peer.SendAckAsync(PacketType.PubAck, publish.PacketId);
                    break;
                case PacketType.Subscribe:
                    SubscribePacket subscribe = peer.AsSubscribe(packet);
                    if (subscribe.Requests.Any(r => r.Filter.Value == closesFor))
                        return;
                    foreach (SubscriptionRequest request in subscribe.Requests)
                        if (request.Filter.Value != "presence/gw")
                            _ = granted.Add(request.Filter.Value);
                    await peer.SendSubAckAsync(subscribe);
                    break;
            }
        }
    }
}
