using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>What was in flight at a kill goes on in the order it was sent, under the identifiers of the Session it was sent in.</summary>
[TestClass]
internal sealed class SentOrderTests
{
    // A message of the mailbox is older than what waited in the Session, and is sent after it.
    [TestMethod]
    public async Task InFlight_SentInAnotherOrderThanAccepted_SameIdentifiersInTheOrderSent()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        TestClient device = await gateway.ConnectDurableAsync("d");
        _ = await device.SubscribeAsync("t", QoS.ExactlyOnce);
        await device.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("dm/p2p/d", "command", QoS.ExactlyOnce);
        _ = await publisher.PublishAsync("t", "1", QoS.ExactlyOnce);
        _ = await publisher.PublishAsync("t", "2", QoS.ExactlyOnce);
        device = await gateway.ConnectDurableAsync("d");
        ReceivedPublish[] sent = [await device.ReceivePublishAsync(), await device.ReceivePublishAsync(), await device.ReceivePublishAsync()];
        ReceivedPublish command = sent.Single(s => s.Payload == "command");
        await device.SendAckAsync(PacketType.PubRec, command.PacketId);
        _ = await device.ExpectAckAsync(PacketType.PubRel, command.PacketId);

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        restarted.AssertLedgerBalances();
        TestClient again = await restarted.ConnectDurableAsync("d");
        foreach (ReceivedPublish expected in sent)
        {
            if (expected == command)
            {
                _ = await again.ExpectAckAsync(PacketType.PubRel, command.PacketId);
                continue;
            }

            ReceivedPublish actual = await again.ReceivePublishAsync();
            Assert.AreEqual((expected.Payload, expected.PacketId, true), (actual.Payload, actual.PacketId, actual.Dup));
        }
    }

    // In flight in a Session that has ended, then back in the mailbox: the identifier there means nothing in the next Session.
    [TestMethod]
    public async Task Waiting_WasSentInAnEarlierSession_NotTakenForSentInThisOne()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        TestClient device = await gateway.ConnectAsync("d");
        TestClient publisher = await gateway.ConnectAsync("p");
        _ = await publisher.PublishAsync("dm/p2p/d", "1", QoS.ExactlyOnce);
        _ = await publisher.PublishAsync("dm/p2p/d", "2", QoS.ExactlyOnce);
        _ = await device.ReceivePublishAsync();
        _ = await device.ReceivePublishAsync();
        await device.DropAsync();
        device = await gateway.ConnectDurableAsync("d", ProtocolVersion.V5, receiveMaximum: 1);
        ushort first = (await device.ReceivePublishAsync()).PacketId;

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        TestClient again = await restarted.ConnectDurableAsync("d", ProtocolVersion.V5);
        ReceivedPublish sent = await again.ReceivePublishAsync();
        Assert.AreEqual(("1", first, true), (sent.Payload, sent.PacketId, sent.Dup));
        ReceivedPublish waited = await again.ReceivePublishAsync();
        Assert.AreEqual(("2", false), (waited.Payload, waited.Dup));
    }
    // Left behind by a Session that was on disk, and sent in the next one of the same client: after a kill it is not sent a second time.
    [TestMethod]
    public async Task InFlight_LeftBehindByAnEarlierSession_GoesOnUnderItsIdentifier()
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        TestClient device = await gateway.ConnectDurableAsync("d");
        TestClient publisher = await gateway.ConnectAsync("p");
        for (int i = 1; i <= 3; i++)
            _ = await publisher.PublishAsync("dm/p2p/d", $"{i}", QoS.ExactlyOnce);
        for (int i = 1; i <= 3; i++)
            _ = await device.ReceivePublishAsync();
        await device.DropAsync();
        device = await gateway.ConnectDurableAsync("d", ProtocolVersion.V5, clean: true, receiveMaximum: 1);
        ushort first = (await device.ReceivePublishAsync()).PacketId;

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(await gateway.CrashAsync());
        restarted.AssertLedgerBalances();
        TestClient again = await restarted.ConnectDurableAsync("d", ProtocolVersion.V5);
        ReceivedPublish sent = await again.ReceivePublishAsync();
        Assert.AreEqual(("1", first, true), (sent.Payload, sent.PacketId, sent.Dup));
        for (int i = 2; i <= 3; i++)
        {
            ReceivedPublish waited = await again.ReceivePublishAsync();
            Assert.AreEqual(($"{i}", false), (waited.Payload, waited.Dup));
        }
    }
}
