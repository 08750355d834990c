using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

[TestClass]
internal sealed class WaitingListTests
{
    private static readonly int[] Seeds = [.. Enumerable.Range(1, 40)];

    public static IEnumerable<object[]> AllSeeds => Seeds.Select(seed => new object[] { seed });

    [TestMethod]
    [DynamicData(nameof(AllSeeds))]
    public void List_FilledAndEmptiedAtRandom_SameAsAPlainQueue(int seed)
    {
        Random random = new(seed);
        Spill spill = new(bytesMax: 400 * random.Next(1, 2000), new RunningClock(new Turn(TimeProvider.System)));
        PagedWaitingList list = new(spill);
        Queue<QueuedMessage> plain = new();
        for (int step = 0; step < 300; step++)
        {
            // Runs, so that pages fill up and memory is free again in between.
            for (int i = random.Next(40); i > 0; i--)
            {
                QueuedMessage queued = Any(random, plain.Count);
                plain.Enqueue(queued);
                list.Enqueue(queued);
            }

            for (int i = random.Next(40); i > 0 && plain.Count > 0; i--)
                TakeAndCompare(list, plain, spill);
            Assert.AreEqual(plain.Count, list.Count);
            if (step % 50 == 0)
                CollectionAssert.AreEqual(plain.Select(q => q.Entry).ToList(), list.InOrder().Select(q => q.Entry).ToList());
        }

        while (plain.Count > 0)
            TakeAndCompare(list, plain, spill);
        Assert.IsFalse(list.TryDequeue(out _));
        Assert.AreEqual(0, spill.BytesInMemory);
    }

    private static void TakeAndCompare(PagedWaitingList list, Queue<QueuedMessage> plain, Spill spill)
    {
        QueuedMessage expected = plain.Dequeue();
        Assert.IsTrue(list.TryPeek(out _));
        Assert.IsTrue(list.TryDequeue(out QueuedMessage taken));
        spill.Remove(taken.Message);
        Assert.AreEqual(Text(expected), Text(taken));
    }

    private static string Text(in QueuedMessage q) =>
        $"{q.Entry} {q.QoS} {q.Retain} [{string.Join(',', q.Identifiers ?? [])}] {q.Message.Position} {q.Message.Bytes} {q.Message.QoS} {q.Message.Retain} {q.Message.IsP2P} {q.Message.Origin} {q.Message.AcceptedMs} {q.Message.ExpiresMs}";

    private static QueuedMessage Any(Random random, int number)
    {
        bool isOnDisk = random.Next(10) > 0;
        long acceptedMs = random.NextInt64(-1000, 1_000_000_000_000);
        Message message = new()
        {
            Topic = "t",
            TopicUtf8 = [(byte)'t'],
            Payload = new byte[random.Next(300)],
            Properties = new byte[random.Next(20)],
            QoS = (QoS)random.Next(3),
            Retain = random.Next(2) == 0,
            IsP2P = random.Next(2) == 0,
            Origin = Enum.GetValues<Origin>()[random.Next(Enum.GetValues<Origin>().Length)],
            AcceptedMs = acceptedMs,
            ExpiresMs = random.Next(2) == 0 ? long.MaxValue : acceptedMs + random.NextInt64(0, 1_000_000),
            Position = isOnDisk ? random.NextInt64(1, 1L << 50) : 0,
        };
        uint[]? identifiers = random.Next(5) == 0 ? [1, 268_435_455, (uint)number] : null;
        return new QueuedMessage(message, (QoS)random.Next(3), random.Next(2) == 0, identifiers, isOnDisk ? random.NextInt64(1, 1L << 55) : 0);
    }
}
