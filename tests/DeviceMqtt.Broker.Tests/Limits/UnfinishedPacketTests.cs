using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>Several clients of one owner send large packets at a time, more than its share of the memory.</summary>
[TestClass]
internal sealed class UnfinishedPacketTests
{
    private static readonly IPEndPoint One = new(IPAddress.Parse("10.0.0.1"), 1000);
    private const int Clients = 8; // of a share of 1 MB
    private const int MessageBytes = 600_000;
    private const int FirstBytes = 4_096; // that a transport has read when the header is there
    private const int PieceBytes = 90_000;

    // Each had a part of the memory, none of them could become whole, and whoever asked for more was closed.
    [TestMethod]
    public async Task MemoryBytesMax_AllOfOneUserSendALargePacketInParts_AllBecomeWholeOneAfterTheOther()
    {
        await using TestBroker gateway = Start(static _ => { });
        List<TestClient> clients = await ConnectAsync(gateway);
        byte[][] packets = [.. clients.Select(static _ => Packet())];
        await SendInPartsAsync(clients, packets);
        foreach (TestClient client in clients)
            _ = await client.ExpectAckAsync(PacketType.PubAck, 1);
        Assert.IsTrue(gateway.Look(static b => b.Owners[Good.Memory].Used) < MessageBytes, "memory of what is done with");
    }

    // The same while the disk takes nothing: those that are whole wait for it, and the others for them.
    [TestMethod]
    public async Task DiskIsBehind_AllOfOneUserSendALargePacketInParts_AllAreTakenAsTheDiskGoesOn()
    {
        SlowCustody? custody = null;
        await using TestBroker gateway = Start(ground => ground.Custody = custody = SlowCustody.OnDisk(ground));
        TestClient absent = await gateway.ConnectDurableAsync("absent");
        _ = await absent.SubscribeAsync("t", QoS.AtLeastOnce);
        await absent.DropAsync();
        List<TestClient> clients = await ConnectAsync(gateway);
        custody!.IsBehind = true;
        byte[][] packets = [.. clients.Select(static _ => Packet())];
        await SendInPartsAsync(clients, packets);
        Assert.IsEmpty(custody.Held);
        custody.IsBehind = false;
        custody.Catch();
        await Patience.Until(() =>
        {
            gateway.Advance(1);
            custody.Catch();
            return custody.Held.Count == Clients;
        }, "all the messages");
        foreach (TestClient client in clients)
            _ = await client.ExpectAckAsync(PacketType.PubAck, 1);
    }

    // The memory that it was to have goes to the next.
    [TestMethod]
    public async Task MemoryBytesMax_OneEndsInTheMiddleOfItsPacket_TheNextGoesOn()
    {
        await using TestBroker gateway = Start(static _ => { });
        List<TestClient> clients = await ConnectAsync(gateway);
        byte[] packet = Packet();
        foreach (TestClient client in clients)
            await client.SendAsync(packet[..FirstBytes]);
        foreach (TestClient client in clients[..^1])
            await client.ResetAsync();
        await clients[^1].SendAsync(packet[FirstBytes..]);
        _ = await clients[^1].ExpectAckAsync(PacketType.PubAck, 1);
    }

    // Without a Keep Alive it kept all others of its user waiting for ever.
    [TestMethod]
    public async Task PacketStallSecondsMax_OneStopsInTheMiddleOfItsPacket_TheOthersGoOn()
    {
        await using TestBroker gateway = Start(static _ => { });
        List<TestClient> clients = await ConnectAsync(gateway);
        byte[] packet = Packet();
        await clients[0].SendAsync(packet[..^1]);
        foreach (TestClient client in clients[1..])
            await client.SendAsync(packet[..FirstBytes]);
        gateway.Advance(50);
        Task[] rest = [.. clients[1..].Select(client => client.SendAsync(packet[FirstBytes..]))];
        gateway.Advance(15);
        await clients[0].ExpectCloseAsync(CloseReason.PacketStalled);
        foreach (TestClient client in clients[1..])
            _ = await client.ExpectAckAsync(PacketType.PubAck, 1);
        await Patience.Within(Task.WhenAll(rest), "their packets");
        Assert.AreEqual(1, gateway.Counters.Closed(CloseReason.PacketStalled));
    }

    // Between two of its packets nobody else had a chance: one read has the end of the first and the beginning of the next.
    [TestMethod]
    public async Task MemoryBytesMax_OneSendsLargePacketsWithoutAPause_AnotherOfTheSameUserGetsItsTurn()
    {
        await using TestBroker gateway = Start(static _ => { });
        TestClient[] two = [.. (await ConnectAsync(gateway))[..2]];
        byte[] packet = Packet();
        int other = 0;
        int sent = 0;
        await two[0].SendAsync(packet[..FirstBytes]);
        await two[1].SendAsync(packet[..FirstBytes]);
        Task second = two[1].SendAsync(packet[FirstBytes..]);
        Task acknowledged = AckAsync();
        while (!acknowledged.IsCompleted && sent++ < Clients * Clients)
            await Task.WhenAny(two[0].SendAsync([.. packet[FirstBytes..], .. packet[..FirstBytes]]), acknowledged);
        await Patience.Within(acknowledged, "the packet of the other");
        await second;
        Assert.AreEqual(1, other);

        async Task AckAsync()
        {
            _ = await two[1].ExpectAckAsync(PacketType.PubAck, 1);
            other++;
        }
    }

    // What all together have was used up by others, who may be done in a moment.
    [TestMethod]
    public async Task MemoryBytesMax_AllTogetherHaveIt_ALargePacketWaitsUntilThereIsSome()
    {
        await using TestBroker gateway = Start(static _ => { });
        TestClient client = (await ConnectAsync(gateway))[0];
        byte[] packet = Packet();
        await client.SendAsync(packet[..FirstBytes]);
        long taken = gateway.Look(static b => TakeAll(b));
        Task sending = SendInPiecesAsync(client, packet);
        gateway.Advance(2);
        Assert.AreEqual(CloseReason.None, client.CloseReason);
        Give(gateway, taken);
        gateway.Advance(2);
        _ = await client.ExpectAckAsync(PacketType.PubAck, 1);
        await Patience.Within(sending, "its packet");
        Assert.IsTrue(gateway.Look(static b => b.Owners[Good.Memory].Used) < MessageBytes, "memory of what is done with");
    }

    // All that there is may be parts of packets none of which can become whole: somebody has to give up.
    [TestMethod]
    public async Task MemoryBytesMax_AllTogetherHaveItForLong_TheLargePacketIsGivenUp()
    {
        await using TestBroker gateway = Start(static _ => { });
        TestClient client = (await ConnectAsync(gateway))[0];
        byte[] packet = Packet();
        await client.SendAsync(packet[..FirstBytes]);
        _ = gateway.Look(static b => TakeAll(b));
        Task sending = SendInPiecesAsync(client, packet);
        for (int i = 0; i < 12; i++)
            gateway.Advance(1);
        await client.ExpectCloseAsync(CloseReason.QuotaExceeded);
        await Patience.Within(sending, "its packet");
    }

    // Each of them has a piece that does not count: so many there are and no more.
    [TestMethod]
    public async Task MemoryBytesMax_AllTogetherHaveItAndManyWait_AFurtherOneIsClosedAtOnce()
    {
        await using TestBroker gateway = Start(static _ => { });
        List<TestClient> clients = [];
        for (int i = 0; i <= UnfinishedPackets.WaitForAllMax; i++)
        {
            clients.Add(gateway.Open(remote: new IPEndPoint(new IPAddress([10, 0, 1, (byte)i]), 1000)));
            _ = await clients[i].ConnectAsync($"client {i}");
        }

        byte[] packet = Packet();
        foreach (TestClient client in clients)
            await client.SendAsync(packet[..FirstBytes]);
        _ = gateway.Look(static b => TakeAll(b));
        foreach (TestClient client in clients)
            await client.SendAsync(packet[FirstBytes..(FirstBytes + PieceBytes)]);
        Assert.AreEqual(1, clients.Count(static client => client.CloseReason == CloseReason.QuotaExceeded));
        Assert.AreEqual(CloseReason.QuotaExceeded, clients[^1].CloseReason);
        gateway.Stop();
        gateway.Advance(1);
    }

    private const int Keep = 1_000; // bytes that nobody has

    private static void Give(TestBroker gateway, long bytes)
    {
        using DeviceMqtt.Broker.Turns.Turn.Scope scope = gateway.Broker.Turn.Enter();
        gateway.Broker.Owners[Good.Memory].Give(bytes);
    }

    private static long TakeAll(DeviceMqtt.Broker.State.BrokerState broker)
    {
        Account all = broker.Owners[Good.Memory];
        long taken = all.Left - Keep;
        all.Take(taken);
        return taken;
    }

    private static async Task SendInPiecesAsync(TestClient client, byte[] packet)
    {
        for (int from = FirstBytes; from < packet.Length; from += PieceBytes)
            await client.SendAsync(packet[from..Math.Min(from + PieceBytes, packet.Length)]);
    }

    private static TestBroker Start(Action<DeviceMqtt.Broker.Grounds.Ground> ports) =>
        TestBroker.Start(static l => (l.MemoryBytesMax, l.WaitingMemoryBytesMax) = (16 * 1024 * 1024, 0), ground =>
        {
            ground.Access = new EverybodyIs(ClientRole.Device);
            ports(ground);
        });

    private static async Task<List<TestClient>> ConnectAsync(TestBroker gateway)
    {
        List<TestClient> clients = [];
        for (int i = 0; i < Clients; i++)
        {
            clients.Add(gateway.Open(remote: One));
            _ = await clients[i].ConnectAsync($"client {i}");
        }

        Assert.IsGreaterThan(gateway.Look(static b => b.Owners.At(One)[Good.Memory].Max), Clients * (long)MessageBytes, "there is memory for all of them");
        return clients;
    }

    // The first is whole last: once it is, the others go on elsewhere, and a pipe of these tests would show them all at once what comes to their sockets in parts.
    private static async Task SendInPartsAsync(List<TestClient> clients, byte[][] packets)
    {
        for (int i = 0; i < Clients; i++)
            await clients[i].SendAsync(packets[i][..FirstBytes]);
        for (int from = FirstBytes; from < packets[0].Length; from += PieceBytes)
            for (int i = Clients - 1; i >= 0; i--)
                await clients[i].SendAsync(packets[i][from..Math.Min(from + PieceBytes, packets[i].Length)]);
    }

    // QoS 1, Packet Identifier 1.
    private static byte[] Packet()
    {
        int length = 2 + 1 + 2 + MessageBytes;
        return [0x32, (byte)(0x80 | (length & 0x7F)), (byte)(0x80 | ((length >> 7) & 0x7F)), (byte)(length >> 14), 0, 1, (byte)'t', 0, 1, .. new byte[MessageBytes]];
    }
}
