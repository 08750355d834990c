using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>The journal is closed, and a connection is still there: its end took longer than a stop waits.</summary>
[TestClass]
internal sealed class ClosedJournalTests
{
    [TestMethod]
    [DataRow(QoS.AtLeastOnce)]
    [DataRow(QoS.ExactlyOnce)]
    public async Task PUBLISH_JournalIsClosed_NothingThatHasToBeKeptIsAcknowledged(QoS qos)
    {
        MemoryStorage disk = new();
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk);
        TestClient absent = await gateway.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("t", QoS.ExactlyOnce);
        await absent.DropAsync();
        TestClient publisher = await gateway.ConnectAsync("p");
        ushort before = await publisher.SendPublishAsync("t", "1", QoS.AtLeastOnce);
        _ = await publisher.ExpectAckAsync(PacketType.PubAck, before);
        await gateway.State.DisposeAsync();
        for (int i = 0; i < 3; i++)
            _ = await publisher.SendPublishAsync("t", "2", qos);
        gateway.Advance(2);
        Assert.IsNull(publisher.TryReceiveNow(), "it was acknowledged, and nobody writes it");
    }
}
