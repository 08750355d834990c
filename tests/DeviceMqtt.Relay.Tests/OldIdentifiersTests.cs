using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>
/// After a restore the upstream may have QoS 2 Packet Identifiers open that nobody here knows of. One that never lost its Session got QoS 1 for good; now it lets them go, one after the other.
/// </summary>
[TestClass]
public sealed class OldIdentifiersTests
{
    private const int Count = OldIdentifiers.AtOnceMax + 6;

    private static Task<TestRelay> StartRestoredAsync(string protocol = "3.1.1") => StartAsync(o =>
    {
        o.Protocol = protocol;
        o.Rules = [new RelayRule { Filter = "t/#", MaxQoS = 2 }];
    });

    private static async Task<TestRelay> StartAsync(Action<RelayOptions> options)
    {
        TestRelay relay = await TestRelay.StartAsync(options, oldIdentifiers: Count);
        return relay.Look(s => s.Buffer.HasOldIdentifiers = true) ? relay : throw new InvalidOperationException();
    }

    private static async Task ReleaseAsync(UpstreamPeer peer, int first, int last)
    {
        for (int i = first; i <= last; i++)
            await peer.ExpectAckAsync(PacketType.PubRel, (ushort)i);
        for (int i = first; i <= last; i++)
            await peer.SendAckAsync(PacketType.PubComp, (ushort)i, peer.Version == ProtocolVersion.V5 ? ReasonCode.PacketIdentifierNotFound : ReasonCode.Success);
    }

    [TestMethod]
    [DataRow("3.1.1"), DataRow("5.0")]
    public async Task CONNACK_SessionPresentAfterARestore_QoS2GoesAtQoS1UntilEachIdentifierIsLetGo(string protocol)
    {
        await using TestRelay relay = await StartRestoredAsync(protocol);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        await ReleaseAsync(peer, 1, 2);
        for (int i = 3; i <= OldIdentifiers.AtOnceMax + 2; i++)
            await peer.ExpectAckAsync(PacketType.PubRel, (ushort)i);
        await relay.PublishQoS2Async("t/1", "before");
        Assert.AreEqual(QoS.AtLeastOnce, (await peer.ReceivePublishAndAckAsync()).QoS);

        // The rest of them on another connection, from the first that was not answered on.
        await peer.DisposeAsync();
        peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        await ReleaseAsync(peer, 3, OldIdentifiers.AtOnceMax + 2);
        await ReleaseAsync(peer, OldIdentifiers.AtOnceMax + 3, Count);
        await Patience.Until(() => relay.Look(static s => !s.Buffer.HasOldIdentifiers), "the last that is let go");
        await relay.PublishQoS2Async("t/1", "behind");
        ReceivedPublish behind = await peer.ReceivePublishAsync();
        Assert.AreEqual(("behind", QoS.ExactlyOnce), (behind.Payload, behind.QoS));
    }

    [TestMethod]
    public async Task PUBREL_UpstreamClosesForItEachTime_IsNotAskedAgainAndGetsQoS1()
    {
        await using TestRelay relay = await StartRestoredAsync();
        for (int i = 0; i < 3; i++)
        {
            UpstreamPeer choosy = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
            await choosy.ReceivePresenceAsync();
            await choosy.ExpectAckAsync(PacketType.PubRel, 1);
            await choosy.DisposeAsync();
        }

        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        await peer.ReceivePresenceAsync();
        await relay.PublishQoS2Async("t/1", "goes");
        Assert.AreEqual(QoS.AtLeastOnce, (await peer.ReceivePublishAndAckAsync()).QoS); // and no PUBREL before it
        Assert.IsTrue(relay.Look(static s => s.Buffer.HasOldIdentifiers));
    }

    [TestMethod]
    public async Task CONNACK_TakesNoQoS2_HasNoSuchIdentifiers()
    {
        await using TestRelay relay = await StartRestoredAsync("5.0");
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync(sessionPresent: true, new ConnAckProperties { MaximumQoS = QoS.AtLeastOnce });
        await peer.ReceivePresenceAsync();
        Assert.IsFalse(relay.Look(static s => s.Buffer.HasOldIdentifiers));
    }
}
