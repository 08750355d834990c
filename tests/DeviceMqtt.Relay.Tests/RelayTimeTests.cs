using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Readings of a board without a clock get their time from the gateway, when they leave.</summary>
[TestClass]
public sealed class RelayTimeTests
{
    [TestMethod]
    public async Task Reading_OfABootThatIsKnown_HasTimeAndQuality()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        TestClient board = await relay.Gateway.ConnectAsync("dev1");
        await peer.GrantAsync(["+/p2p/dev1"]);
        long nowMs = relay.Gateway.Time.GetUtcNow().ToUnixTimeMilliseconds();
        _ = await board.PublishAsync("dm/dev1/info", """{"id":"dev1","b":7,"up":10000}""", QoS.AtLeastOnce);
        _ = await peer.ReceivePublishAndAckAsync();

        _ = await board.PublishAsync("dm/dev1/tele/climate", """{"n":3,"up":4000,"b":7,"temp":21.5,"h":1}""", QoS.AtLeastOnce);

        using JsonDocument reading = JsonDocument.Parse((await peer.ReceivePublishAndAckAsync()).PayloadBytes);
        Assert.AreEqual(string.Create(CultureInfo.InvariantCulture, $"{(nowMs - 6000) / 1000}.{(nowMs - 6000) % 1000:000}"), reading.RootElement.GetProperty("t").GetRawText());
        Assert.AreEqual(2, reading.RootElement.GetProperty("q").GetInt32());
        Assert.AreEqual(21.5, reading.RootElement.GetProperty("temp").GetDouble());
    }

    [TestMethod]
    [DataRow("""{"n":3,"up":4000,"b":8,"temp":21.5}""", true)] // measured now: that places its boot
    [DataRow("""{"n":3,"up":4000,"b":8,"temp":21.5,"h":1}""", false)] // of a boot that nobody knows
    [DataRow("""{"n":3,"t":1795210757.1,"temp":21.5}""", false)] // the board has a clock
    [DataRow("""no JSON, and "up": in it""", false)]
    public async Task Reading_OfOtherKinds_PlacedOnlyWhereItCanBe(string payload, bool isPlaced)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        await relay.PublishAsync("dm/dev1/tele/climate", payload);

        string sent = (await peer.ReceivePublishAndAckAsync()).Payload;
        Assert.AreEqual(isPlaced, sent.Contains("\"q\":2", StringComparison.Ordinal), sent);
        Assert.AreEqual(!isPlaced, sent == payload, sent);
    }

    [TestMethod]
    public async Task Reading_GatewayDoesNotKnowTheTime_StaysAsItIs()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        relay.Gateway.Time.WallOffset = TimeSpan.FromDays(-10_000);
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        await relay.PublishAsync("dm/dev1/tele/climate", """{"n":3,"up":4000,"b":8,"temp":21.5}""");

        Assert.AreEqual("""{"n":3,"up":4000,"b":8,"temp":21.5}""", (await peer.ReceivePublishAndAckAsync()).Payload);
    }
}
