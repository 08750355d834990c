namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>A backlog several times as large as the memory it may take.</summary>
[TestClass]
public sealed class BacklogTests
{
    private const int Megabyte = 1024 * 1024;
    private const int PayloadBytes = 4000;
    private const int Messages = 15_000;
    private const string Reader = "reader";

    [TestMethod]
    public async Task Backlog_LargerThanTheMemory_ReadInOrderWithFlatMemoryAlsoAfterARestart()
    {
        // The runtime ends the process rather than let its heap grow beyond that.
        const int HeapMegabytesMax = 64;
        string[] limited = ["env", $"DOTNET_GCHeapHardLimit={HeapMegabytesMax * Megabyte:x}"];
        await using KillableGateway gateway = KillableGateway.Prepare(
            "--set", "Limits:JournalBytesMax=1500000000",
            "--set", "Limits:QueueMessagesMax=1000000", "--set", "Limits:QueueBytesMax=1000000000", "--set", "Limits:QueueBytesTotalMax=1000000000");
        await gateway.Up(limited);
        await (await MosquittoSub.Start(gateway, new SubscriberOptions { ClientId = Reader, QoS = 1, CleanSession = false }, "t/#")).DisconnectAndDispose();
        KeepingPublisher[] publishers = [.. Enumerable.Range(0, 4).Select(i => new KeepingPublisher(gateway, $"p{i}", $"t/{i}", qos: 1) { PayloadBytes = PayloadBytes })];
        long before = gateway.Process.ResidentBytes;
        await Task.WhenAll(publishers.Select(p => p.Run(countMax: Messages)));
        Assert.AreEqual(publishers.Length * Messages, publishers.Sum(p => p.Acknowledged.Count));
        AssertFlat();

        await gateway.Kill();
        await gateway.Up(limited);
        AssertFlat();
        List<int>[] received = [.. publishers.Select(_ => new List<int>())];
        await using RawMqtt reader = await RawMqtt.Open(gateway);
        await reader.Send(RawBytes.Connect(Reader, clean: false));
        _ = await reader.Next();
        for (int i = 0; i < publishers.Length * Messages; i++)
        {
            RawPacket packet = await reader.Next();
            received[packet.Topic[^1] - '0'].Add(int.Parse(packet.Text, System.Globalization.CultureInfo.InvariantCulture));
            await reader.Send(RawBytes.PubAck(packet.PacketId));
        }

        AssertFlat();
        for (int i = 0; i < publishers.Length; i++)
            publishers[i].AssertDelivered(received[i], mayRepeat: false);

        // Heap, code and buffers; all of the backlog in memory would be 240 MB more.
        void AssertFlat()
        {
            long grown = (gateway.Process.ResidentBytes - before) / Megabyte;
            Console.WriteLine($"{grown} MB more than at the start");
            Assert.IsLessThan(HeapMegabytesMax * 3 / 2, grown, "MB more than at the start");
        }
    }
}
