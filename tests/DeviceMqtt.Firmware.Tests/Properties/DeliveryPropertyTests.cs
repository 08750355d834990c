using DeviceMqtt.Wire;
using System.Text;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>
/// A device through random troubles: links that drop, acknowledgements that never come, messages the library gives up, a queue that is full,
/// connections that are refused. In the end the gateway has every reading that was not counted as dropped.
/// </summary>
[TestClass]
public sealed class DeliveryPropertyTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    [DataRow(7)]
    [DataRow(8)]
    public void Readings_ThroughRandomTroubles_AreDeliveredOrCountedAsDropped(int seed)
    {
        Random random = new(seed);
        Bench bench = new(TelemetryClass.Kept, 200);
        bench.Factory.Preparing = client =>
        {
            client.AcknowledgesAtOnce = false;
            client.ConnectCode = random.Next(4) == 0 ? MqttReasonCode.ConnectionRefusedServerUnavailable : MqttReasonCode.Success;
        };

        Dictionary<FakeMqttClient, int> seen = [];
        List<FakeMessage> arrived = [];
        for (int tick = 0; tick < 20_000; tick++)
        {
            bench.Tick();
            if (bench.Factory.Clients.Count > 0)
            {
                Trouble(random, bench.Client, seen, arrived);
            }
        }

        // Trouble ends: everything that is left must come through.
        for (int tick = 0; tick < 10_000; tick++)
        {
            bench.Factory.Preparing = null;
            bench.Tick();
            bench.Client.PublishFailure = null;
            Arrive(bench.Client, seen, arrived, static _ => true);
            bench.Client.AcknowledgesAtOnce = true;
            bench.Client.ConnectCode = MqttReasonCode.Success;
        }

        HashSet<long> numbers = [.. arrived.Where(m => m.Topic == Bench.Climate).Select(m => Header(m.Payload).Sequence)];
        long last = numbers.Max();
        int missing = (int)(last - numbers.Count);
        string message = $"seed {seed}: {last} readings, {missing} missing, {bench.Loop.DroppedMessages} dropped, {bench.Log.CountOf(DeviceNote.LinkLost)} links lost";
        Assert.IsGreaterThan(5_000, last, message);
        Assert.IsGreaterThan(5, bench.Log.CountOf(DeviceNote.LinkLost), message);
        Assert.IsLessThanOrEqualTo(bench.Loop.DroppedMessages, missing, message);
        Assert.IsLessThan(20, bench.Loop.PendingMessages, message);
        foreach (FakeMqttClient client in bench.Factory.Clients)
        {
            Assert.IsTrue(client.IsClosed || client.IsConnected, message);
        }
    }

    private static void Trouble(Random random, FakeMqttClient client, Dictionary<FakeMqttClient, int> seen, List<FakeMessage> arrived)
    {
        if (!client.IsConnected)
        {
            return;
        }

        // What was handed over may have reached the gateway or not, and its acknowledgement may come back or not.
        Arrive(client, seen, arrived, _ => random.Next(20) > 0);
        client.PublishFailure = random.Next(50) == 0 ? new MqttClientException(MqttClientErrorCode.InflightQueueFull) : null;
        switch (random.Next(400))
        {
            case 0:
                client.Drop();
                break;
            case 1:
                client.IsConnected = false;
                break;
        }
    }

    private static void Arrive(FakeMqttClient client, Dictionary<FakeMqttClient, int> seen, List<FakeMessage> arrived, Predicate<FakeMessage> isAcknowledged)
    {
        for (int i = seen.GetValueOrDefault(client); i < client.Published.Count; i++)
        {
            FakeMessage message = client[i];
            if (isAcknowledged(message))
            {
                arrived.Add(message);
                client.Settle(message.PacketId, isPublished: true);
            }
            else if (i % 2 == 0)
            {
                client.Settle(message.PacketId, isPublished: false);
            }
        }

        seen[client] = client.Published.Count;
    }

    private static TelemetryHeader Header(string payload)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(payload);
        TelemetryHeader header = new();
        Assert.IsTrue(header.TryRead(new FlatJsonReader(), bytes, 0, bytes.Length), payload);
        return header;
    }
}
