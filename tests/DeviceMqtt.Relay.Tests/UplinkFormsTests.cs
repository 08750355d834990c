using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>In which form the gateway introduces itself, over months: no form is given up for what an upstream has said once. Once a single refusal of a version took that form away until a restart.</summary>
[TestClass]
public sealed class UplinkFormsTests
{
    private static readonly (ProtocolVersion Version, bool IsBridge) Best = (ProtocolVersion.V5, false);
    private static readonly (ProtocolVersion Version, bool IsBridge) Bridge = (ProtocolVersion.V311, true);
    private static readonly (ProtocolVersion Version, bool IsBridge) Plain = (ProtocolVersion.V311, false);

    [TestMethod]
    public async Task CONNECT_VersionRejectedOnce_TriedAgainAfterAnHour()
    {
        await using TestRelay relay = await StartAsync();
        await RejectAsync(relay, Best);
        await TakeAsync(relay, Bridge);
        await TakeAsync(relay, Bridge, TimeSpan.FromHours(1)); // not each time
        await TakeAsync(relay, Best);
    }

    [TestMethod]
    public async Task CONNECT_AllFormsRejectedOnce_AllTriedAnew()
    {
        await using TestRelay relay = await StartAsync();
        await TakeAsync(relay, Best);
        await RejectAsync(relay, Best, Bridge, Plain);
        await TakeAsync(relay, Best);
    }

    [TestMethod]
    public async Task CONNECT_TheLastFormLeftIsRejected_TheOthersAreTriedAtOnce()
    {
        await using TestRelay relay = await StartAsync();
        await RejectAsync(relay, Best, Bridge);
        await TakeAsync(relay, Plain);
        UpstreamPeer peer = await NextAsync(relay);
        await ExpectAsync(peer, Plain);
        await peer.SendAsync(Packet.Of("20 02 00 01"));
        UpstreamPeer atOnce = await relay.Upstream.AcceptAsync(); // with a clock that stands still
        await ExpectAsync(atOnce, Best);
    }

    // Its successor may not know the form, and may not say so.
    [TestMethod]
    public async Task CONNECT_SilentForAnHourInTheFormItHasTaken_TriedInLesserOnes()
    {
        await using TestRelay relay = await StartAsync(pauseMs: 3_600_000);
        await TakeAsync(relay, Best);
        await CloseAsync(relay, Best); // it is going away
        await PassAsync(relay, TimeSpan.FromMinutes(59));
        await CloseAsync(relay, Best);
        await PassAsync(relay, TimeSpan.FromMinutes(1));
        await CloseAsync(relay, Best, Best);
        await TakeAsync(relay, Bridge);
    }

    [TestMethod]
    public async Task CONNECT_WillWithinMaximumQoSOnce_HasItsQoSAgain()
    {
        await using TestRelay relay = await StartAsync("5.0");
        UpstreamPeer refusing = await relay.Upstream.AcceptAsync();
        Assert.AreEqual(QoS.AtLeastOnce, (await refusing.ReceiveConnectAsync()).Will!.QoS);
        await refusing.SendConnAckAsync((byte)ReasonCode.QoSNotSupported, properties: new ConnAckProperties());
        UpstreamPeer taking = await relay.Upstream.AcceptAsync();
        Assert.AreEqual(QoS.AtMostOnce, (await taking.ReceiveConnectAsync()).Will!.QoS);
        await taking.SendConnAckAsync(0, properties: new ConnAckProperties { MaximumQoS = QoS.AtMostOnce });
        await taking.ReceiveAsync();
        await taking.DisposeAsync();
        UpstreamPeer second = await NextAsync(relay);
        Assert.AreEqual(QoS.AtMostOnce, (await second.ReceiveConnectAsync()).Will!.QoS);
        await second.SendConnAckAsync(0); // it takes all now
        await second.ReceivePresenceAsync();
        await second.DisposeAsync();
        Assert.AreEqual(QoS.AtLeastOnce, (await (await NextAsync(relay)).ReceiveConnectAsync()).Will!.QoS);
    }

    private static Task<TestRelay> StartAsync(string protocol = "auto", int pauseMs = 10) =>
        TestRelay.StartAsync(o => (o.Protocol, o.KeepAliveSeconds, o.BackoffMinMs, o.BackoffMaxMs) = (protocol, 60_000, pauseMs, 2 * pauseMs), time: static fake => fake, hasLateWills: false);

    private static async Task TakeAsync(TestRelay relay, (ProtocolVersion Version, bool IsBridge) form, TimeSpan lasts = default)
    {
        UpstreamPeer peer = await NextAsync(relay);
        await ExpectAsync(peer, form);
        await peer.SendConnAckAsync(0);
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        relay.Gateway.Time.Advance(lasts);
        await peer.DisposeAsync();
    }

    // 3.1.1: unacceptable protocol version.
    private static async Task RejectAsync(TestRelay relay, params (ProtocolVersion Version, bool IsBridge)[] forms)
    {
        foreach ((ProtocolVersion Version, bool IsBridge) form in forms)
        {
            UpstreamPeer peer = await NextAsync(relay);
            await ExpectAsync(peer, form);
            await peer.SendAsync(Packet.Of("20 02 00 01"));
        }
    }

    private static async Task CloseAsync(TestRelay relay, params (ProtocolVersion Version, bool IsBridge)[] forms)
    {
        foreach ((ProtocolVersion Version, bool IsBridge) form in forms)
        {
            UpstreamPeer peer = await NextAsync(relay);
            await ExpectAsync(peer, form);
            await peer.DisposeAsync();
        }
    }

    private static async Task ExpectAsync(UpstreamPeer peer, (ProtocolVersion Version, bool IsBridge) form)
    {
        ConnectPacket connect = await peer.ReceiveConnectAsync();
        Assert.AreEqual(form, (connect.Version, connect.IsBridge));
    }

    // Less than the pause there is: a try that began meanwhile would run out of its time.
    private static async Task PassAsync(TestRelay relay, TimeSpan time)
    {
        await Patience.Until(() => relay.Uplink.NextTry is not null, "the pause behind a try");
        relay.Gateway.Time.Advance(time);
    }

    // The next connection, without the rest of the pause before it: the clock stands still.
    private static async Task<UpstreamPeer> NextAsync(TestRelay relay)
    {
        Task<UpstreamPeer> accepted = relay.Upstream.AcceptAsync();
        await Patience.Until(
            () =>
            {
                _ = relay.Uplink.TryNow();
                return accepted.IsCompleted;
            },
            "a connection of the relay");
        return await accepted;
    }
}
