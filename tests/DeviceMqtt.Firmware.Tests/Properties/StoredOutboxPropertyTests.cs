using System.Globalization;
using System.Text;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>
/// Stored messages through random boots: power that fails in the middle of a write, links that drop, acknowledgements that never come, flash that
/// fails for a while. What was on flash is delivered, in order, or counted as dropped.
/// </summary>
[TestClass]
public sealed class StoredOutboxPropertyTests
{
    private const int FileBytes = 8192;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    public void Messages_ThroughRandomBoots_AreDeliveredInOrderOrCounted(int seed)
    {
        Random random = new(seed);
        FakeRingFile file = new(FileBytes);
        SortedSet<int> delivered = [];
        SortedSet<int> mayBeLost = [];
        int number = 0;
        int droppedByAll = 0;
        for (int boot = 0; boot < 60; boot++)
        {
            file.TearsAt = -1;
            file.FailsToWrite = false;
            Boot run = new(file);
            int first = number;
            bool isAway = random.Next(2) == 0;
            for (int step = random.Next(400); step > 0; step--)
            {
                isAway ^= random.Next(60) == 0;
                file.FailsToWrite = random.Next(40) == 0;
                run.Step(random, isAway, delivered, ref number, $"seed {seed}, boot {boot}");
            }

            bool isClean = false;
            switch (random.Next(3))
            {
                case 0:
                    file.FailsToWrite = false;
                    run.Outbox.Close(run.NowMs);
                    isClean = true;
                    break;
                case 1:
                    // The power fails while a batch is written.
                    file.TearsAt = random.Next(1500);
                    run.Outbox.Close(run.NowMs);
                    break;
            }

            // What a power cut may take: what was in memory, which is no more than a batch, and at most what this boot added.
            int kept = isClean ? number : Math.Max(first, number - DeviceLimits.FlashBatchMessagesMax);
            mayBeLost.UnionWith(Enumerable.Range(kept + 1, number - kept));
            droppedByAll += run.Outbox.Dropped;
        }

        file.TearsAt = -1;
        file.FailsToWrite = false;
        Boot last = new(file);
        last.Drain(delivered, $"seed {seed}, at the end");

        int[] missing = [.. Enumerable.Range(1, number).Where(n => !delivered.Contains(n) && !mayBeLost.Contains(n))];
        string message = $"seed {seed}: {number} added, {delivered.Count} delivered, {droppedByAll} dropped, missing {missing.Length}: {string.Join(' ', missing.Take(10))}";
        Assert.IsGreaterThan(1_000, number, message);
        Assert.IsGreaterThan(number / 4, delivered.Count, message);
        Assert.IsLessThanOrEqualTo(droppedByAll, missing.Length, message);
    }

    private sealed class Boot
    {
        private readonly FakeClientFactory _clients = new() { Preparing = static client => client.AcknowledgesAtOnce = false };
        private readonly MqttLink _link;
        private int _settled;
        private int _highest;

        internal Boot(FakeRingFile file)
        {
            FakeLog log = new();
            Outbox = new StoredOutbox(file, log);
            _link = new MqttLink(_clients, new FakeBackground(), new DeviceOptions { ClientId = "a", DeviceName = "a" }, log);
            _link.Tick(0);
            _link.Tick(1);
        }

        internal StoredOutbox Outbox { get; }

        internal long NowMs { get; private set; } = 1;

        internal void Step(Random random, bool isAway, SortedSet<int> delivered, ref int number, string message)
        {
            NowMs += random.Next(20) == 0 ? 100_000 : 300;
            if (random.Next(3) > 0)
            {
                number++;
                byte[] payload = Encoding.UTF8.GetBytes($"{{\"n\":{number},\"x\":\"{new string('x', random.Next(60))}\"}}");
                Assert.IsTrue(Outbox.TryAdd(random.Next(2) == 0 ? "dm/a/tele/x" : "dm/a/tele/y", payload, payload.Length, isAway, NowMs), message);
            }

            Outbox.Tick(!isAway, NowMs);
            if (isAway)
            {
                Outbox.ForgetInFlight();
                _settled = _clients.Last.Published.Count;
                _highest = 0;
                return;
            }

            Outbox.Flush(_link, NowMs);
            Settle(random.Next(3), delivered, message);
        }

        internal void Drain(SortedSet<int> delivered, string message)
        {
            for (int i = 0; i < 10_000 && Outbox.Count > 0; i++)
            {
                NowMs += 300;
                Outbox.Flush(_link, NowMs);
                Settle(int.MaxValue, delivered, message);
            }

            Assert.AreEqual(0, Outbox.Count, message);
        }

        private void Settle(int most, SortedSet<int> delivered, string message)
        {
            for (; most > 0 && _settled < _clients.Last.Published.Count; most--, _settled++)
            {
                FakeMessage published = _clients.Last[_settled];
                int number = int.Parse(published.Payload.AsSpan(5, published.Payload.IndexOf(',', StringComparison.Ordinal) - 5), CultureInfo.InvariantCulture);
                // One that went to flash while it was in flight comes again; nothing is ever passed over and sent later.
                Assert.IsTrue(number > _highest || delivered.Contains(number) || number > _highest - DeviceLimits.OutboxInFlightMax, $"{message}: {number} behind {_highest}");
                _highest = Math.Max(_highest, number);
                delivered.Add(number);
                if (!Outbox.TrySettle(published.PacketId, isAcknowledged: true, NowMs))
                {
                    Assert.IsTrue(Outbox.TrySettleDropped(NowMs), message);
                }
            }
        }
    }
}
