using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>Some clients that do everything that is kept on disk, in an order that a seed draws.</summary>
internal sealed class SnapshotCast(BrokerOnDisk gateway, Random random, TestClient publisher)
{
    private readonly Actor[] _actors = [.. Enumerable.Range(0, 6).Select(i => new Actor($"c{i}"))];
    private int _messages;

    public TestClient Publisher => publisher;

    private sealed class Actor(string name)
    {
        public readonly string Name = name;
        public readonly List<ReceivedPublish> Received = [];
        public readonly List<ushort> Released = [];
        public readonly List<ushort> Open = [];
        public TestClient? Client;
    }

    public async Task ActAsync()
    {
        Actor actor = _actors[random.Next(_actors.Length)];
        string payload = $"{++_messages}";
        QoS qos = random.Next(2) == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce;
        switch (random.Next(14))
        {
            case 0 or 1 or 2:
                _ = await publisher.PublishAsync($"t/{random.Next(4)}", payload, qos);
                return;
            case 3 or 4:
                _ = await publisher.PublishAsync($"dm/p2p/c{random.Next(6)}", payload, qos);
                return;
            case 5:
                _ = await publisher.PublishAsync($"r/{random.Next(6)}", random.Next(3) == 0 ? "" : payload, qos, retain: true);
                return;
            case 6:
                gateway.Advance(random.Next(1, 30));
                return;
        }

        if (actor.Client is not { } client)
            await ConnectAsync(actor);
        else
            await ActAsync(actor, client, payload);
    }

    private async Task ConnectAsync(Actor actor)
    {
        WillMessage? will = random.Next(3) > 0 ? null : new WillMessage { Topic = $"w/{actor.Name}", Payload = "gone"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = random.Next(2) == 0 };
        bool isClean = random.Next(4) == 0;
        actor.Received.Clear();
        actor.Released.Clear();
        if (isClean)
            actor.Open.Clear();
        ProtocolVersion version = random.Next(2) == 0 ? ProtocolVersion.V311 : ProtocolVersion.V5;
        actor.Client = random.Next(4) == 0
            ? await gateway.ConnectAsync(actor.Name, version, isClean, will)
            : await gateway.ConnectDurableAsync(actor.Name, version, isClean, will, receiveMaximum: 2);
    }

    private async Task ActAsync(Actor actor, TestClient client, string payload)
    {
        switch (random.Next(10))
        {
            case 0 or 1:
                actor.Client = null;
                await client.DropAsync();
                break;
            case 2:
                actor.Client = null;
                await client.DisconnectAsync();
                await client.WaitForEndAsync();
                break;
            case 3 or 4:
                SubscribePacket subscribe = new()
                {
                    PacketId = client.NextPacketId(),
                    Requests = [new SubscriptionRequest(TestClient.Filter($"{"tr"[random.Next(2)]}/{(random.Next(3) == 0 ? "#" : random.Next(4))}"), QoS.ExactlyOnce, NoLocal: false, RetainAsPublished: false, RetainHandling.SendAtSubscribe)],
                };
                await client.SendAsync(w => subscribe.Write(w, client.Version));
                _ = await ReadUntilAsync(actor, client, PacketType.SubAck);
                break;
            case 5:
                UnsubscribePacket unsubscribe = new() { PacketId = client.NextPacketId(), Filters = [TestClient.Filter($"t/{random.Next(4)}")] };
                await client.SendAsync(w => unsubscribe.Write(w, client.Version));
                _ = await ReadUntilAsync(actor, client, PacketType.UnsubAck);
                break;
            case 6:
                actor.Open.Add(await client.SendPublishAsync($"t/{random.Next(4)}", payload, QoS.ExactlyOnce));
                _ = await ReadUntilAsync(actor, client, PacketType.PubRec);
                break;
            case 7 when actor.Open.Count > 0:
                await client.SendAckAsync(PacketType.PubRel, actor.Open[0]);
                actor.Open.RemoveAt(0);
                _ = await ReadUntilAsync(actor, client, PacketType.PubComp);
                break;
            default:
                await AcknowledgeAsync(actor, client);
                break;
        }
    }

    private async Task AcknowledgeAsync(Actor actor, TestClient client)
    {
        while (client.TryReceiveNow() is { } packet)
            Take(actor, client, packet);
        for (int i = random.Next(4); i > 0 && actor.Received.Count > 0; i--)
        {
            ReceivedPublish publish = actor.Received[0];
            actor.Received.RemoveAt(0);
            if (publish.QoS != QoS.AtMostOnce)
                await client.SendAckAsync(publish.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, publish.PacketId);
        }

        foreach (ushort packetId in actor.Released.Take(random.Next(3)).ToArray())
        {
            _ = actor.Released.Remove(packetId);
            await client.SendAckAsync(PacketType.PubComp, packetId);
        }
    }

    private static async Task<ReceivedPacket> ReadUntilAsync(Actor actor, TestClient client, PacketType type)
    {
        while (true)
        {
            ReceivedPacket packet = await client.ReceiveAsync();
            if (packet.Type == type)
                return packet;
            Take(actor, client, packet);
        }
    }

    private static void Take(Actor actor, TestClient client, ReceivedPacket packet)
    {
        if (packet.Type == PacketType.Publish)
            actor.Received.Add(ReceivedPublish.From(packet, client.Version));
        else if (packet.Type == PacketType.PubRel)
            actor.Released.Add(ReceivedAck.From(packet, PacketType.PubRel, client.Version).PacketId);
    }
}
