using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A message is written once, for however many it waits, and also where the first of them are done with it before it has come to the last.</summary>
[TestClass]
internal sealed class WrittenOnceTests
{
    private const int Readers = 20;
    private const int PayloadBytes = 50_000;

    private static async Task<List<TestClient>> ReadersAsync(BrokerOnDisk gateway, QoS qos)
    {
        List<TestClient> readers = [];
        for (int i = 0; i < Readers; i++)
        {
            readers.Add(await gateway.ConnectDurableAsync($"reader{i}"));
            await readers[i].SubscribeAsync("t", qos);
        }

        return readers;
    }

    [TestMethod]
    [DataRow(QoS.AtLeastOnce), DataRow(QoS.ExactlyOnce)]
    public async Task Message_ForManyWhoseQueuesAreFull_IsWrittenOnce(QoS qos)
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), static l => l.QueueBytesTotalMax = PayloadBytes / 2);
        foreach (TestClient reader in await ReadersAsync(gateway, qos))
            await reader.DropAsync();

        TestClient publisher = await gateway.ConnectAsync("publisher");
        long before = gateway.State.Status!.Value.AcceptedBytes;
        await publisher.PublishAsync("t", new string('x', PayloadBytes), qos);

        Assert.AreEqual(Readers, gateway.Counters.Dropped(DropReason.AllQueuesFull));
        Assert.IsLessThan(2L * PayloadBytes, gateway.State.Status!.Value.AcceptedBytes - before);
    }

    [TestMethod]
    public async Task Message_ThatGoesOutOverManyTurns_IsWrittenOnce()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        (gateway.Broker.FanOuts.PerLook, gateway.Broker.FanOuts.StopsAtEachLook) = (1, true);
        List<TestClient> readers = await ReadersAsync(gateway, QoS.AtLeastOnce);
        TestClient publisher = await gateway.ConnectAsync("publisher");
        long before = gateway.State.Status!.Value.AcceptedBytes;
        Task published = publisher.PublishAsync("t", new string('x', PayloadBytes), QoS.AtLeastOnce);
        foreach (TestClient reader in readers)
            _ = await reader.ReceivePublishAndAckAsync(); // the next gets it in another turn
        await published;

        Assert.IsLessThan(2L * PayloadBytes, gateway.State.Status!.Value.AcceptedBytes - before);
        await Patience.Until(() => gateway.State.Status!.Value.LiveBytes < PayloadBytes, "it is not kept any longer");
    }
}
