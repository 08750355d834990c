using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>Presence over a restart: nobody is online until it is seen.</summary>
[TestClass]
internal sealed class PresenceTests
{
    [TestMethod]
    public async Task GatewayKilled_DeviceThatWasOnline_ShownOfflineUntilItIsSeen()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), access: new EverybodyIs(ClientRole.Device));
        TestClient waiting = await gateway.ConnectDurableAsync("w");
        await waiting.SubscribeAsync("$gw/presence/dev", QoS.AtLeastOnce);
        TestClient device = await gateway.ConnectAsync("dev");
        Assert.Contains("\"online\":true", (await waiting.ReceivePublishAndAckAsync()).Payload, StringComparison.Ordinal);
        await device.PublishAsync("x", "y", QoS.AtLeastOnce, retain: true); // commits
        await waiting.DropAsync();

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync(), access: new EverybodyIs(ClientRole.Device));

        TestClient again = await restarted.ConnectDurableAsync("w");
        // What it had acknowledged may come again: that is lazy.
        string told = (await again.ReceivePublishAndAckAsync()).Payload;
        if (told.Contains("\"online\":true", StringComparison.Ordinal))
            told = (await again.ReceivePublishAndAckAsync()).Payload;
        Assert.Contains("\"online\":false", told, StringComparison.Ordinal);
        TestClient late = await restarted.ConnectAsync("");
        await late.SubscribeAsync("$gw/presence/dev");
        Assert.Contains("\"reason\":\"gateway-started\"", (await late.ReceivePublishAndAckAsync()).Payload, StringComparison.Ordinal);
        await restarted.ConnectAsync("dev");
        Assert.Contains("\"online\":true", (await late.ReceivePublishAndAckAsync()).Payload, StringComparison.Ordinal);
    }
}
