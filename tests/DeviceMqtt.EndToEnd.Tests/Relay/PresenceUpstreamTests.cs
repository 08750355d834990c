namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>Who is shown online at the upstream, mosquitto, when the gateway is cut off from it.</summary>
[TestClass]
public sealed class PresenceUpstreamTests
{
    private const string Presence = "presence/board-1";

    [TestMethod]
    public async Task Gateway_Killed_ItsDevicesAreOfflineUpstream()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using MosquittoSub watcher = await MosquittoSub.Start(relayed.Upstream, new SubscriberOptions { QoS = 1 }, "presence/#");
        await using MosquittoSub board = await ConnectBoard(relayed);

        await relayed.Gateway.Process.Kill();

        await watcher.Messages.WaitFor(message => (message.Topic, message.Text) == (Presence, "false"), "the Will of the device");
        await watcher.Messages.WaitFor(message => (message.Topic, message.Text) == ($"presence/{RelayedGateway.ClientId}", "false"), "the Will of the gateway");
        Assert.AreEqual(("false", true), await Retained(relayed));
    }

    [TestMethod]
    public async Task Gateway_Stopped_ItsDevicesAreOfflineUpstream()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using MosquittoSub watcher = await MosquittoSub.Start(relayed.Upstream, new SubscriberOptions { QoS = 1 }, "presence/#");
        await using MosquittoSub board = await ConnectBoard(relayed);

        Assert.AreEqual(0, await relayed.Gateway.Stop());

        await watcher.Messages.WaitFor(message => (message.Topic, message.Text) == (Presence, "false"), "the Will of the device");
        Assert.AreEqual(("false", true), await Retained(relayed));
    }

    [TestMethod]
    public async Task Upstream_Restarted_DevicesThatAreHereAreOnlineThereAgain()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using MosquittoSub board = await ConnectBoard(relayed);

        await relayed.Upstream.Down();
        await relayed.Upstream.Up();
        await using MosquittoSub watcher = await MosquittoSub.Start(relayed.Upstream, new SubscriberOptions { QoS = 1 }, Presence);
        await WaitForWill(relayed);
        await watcher.Messages.WaitFor(message => message.Text == "true", "the presence of the device");

        Assert.AreEqual(("true", true), await Retained(relayed));
    }

    // A device as ours are: its Will first, then its presence.
    private static async Task<MosquittoSub> ConnectBoard(RelayedGateway relayed)
    {
        MosquittoSub board = await MosquittoSub.Start(
            relayed.Gateway, new SubscriberOptions { ClientId = "board-1", Will = new Will(Presence, "false", QoS: 1, Retain: true) }, "dm/none");
        await WaitForWill(relayed);
        await MosquittoPub.Send(relayed.Gateway, Presence, "true", qos: 1, retain: true);
        await using MosquittoSub watcher = await MosquittoSub.Start(relayed.Upstream, Presence);
        await watcher.Messages.WaitFor(message => message.Text == "true", "the presence upstream");
        return board;
    }

    private static async Task WaitForWill(RelayedGateway relayed) =>
        _ = await relayed.Upstream.Log.WaitFor(line => line.EndsWith($"Sending CONNACK to {RelayedGateway.ClientId}/board-1 (0, 0)", StringComparison.Ordinal), "the connection for the Will");

    private static async Task<(string Text, bool Retain)> Retained(RelayedGateway relayed)
    {
        await using MosquittoSub late = await MosquittoSub.Start(relayed.Upstream, Presence);
        ReceivedMessage message = (await late.Messages.WaitForCount(1))[0];
        return (message.Text, message.Retain);
    }
}
