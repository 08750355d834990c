using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Readings of class Stored, through restarts and flash that fails. A boot is a new bench on the same file.</summary>
    [TestClass]
    public sealed class StoredOutboxTests
    {
        private const int FileBytes = 4096;

        [TestMethod]
        public void Stored_Connected_IsSentAndFlashIsSpared()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench bench = NewBoot(ring);
            bench.ConnectAndSettle();
            bench.Run(60000);

            Assert.AreEqual(61, bench.Client.CountOf(Bench.Climate));
            Assert.AreEqual(0, ring.Writes);
            Assert.AreEqual(0, bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Stored_Away_IsWrittenInBatches()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench bench = NewAway(ring);
            bench.Run(60000);

            Assert.AreEqual(60, bench.Loop.PendingMessages);
            Assert.IsTrue(ring.Writes >= 2 && ring.Writes <= 4, ring.Writes.ToString());
        }

        [TestMethod]
        public void Stored_Restarted_IsSentInOrderWithItsTimeAndMark()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench away = NewAway(ring);
            away.Run(40000);
            Stop(away);

            Bench bench = NewBoot(ring);
            Assert.IsTrue(bench.Log.Has(DeviceNote.OutboxFound, "flash", 40));
            bench.ConnectAndSettle();
            bench.Run(10000);

            Assert.AreEqual("{\"n\":1,\"t\":1795210757.15,\"temp\":21.5,\"hum\":40.2,\"h\":1}", bench.Client[2].Payload);
            for (int i = 0; i < 40; i++)
            {
                string begin = string.Concat("{\"n\":", (i + 1).ToString(), ",");
                Assert.IsTrue(bench.Client[i + 2].Payload.StartsWith(begin), bench.Client[i + 2].Payload);
            }

            Assert.AreEqual(0, bench.Loop.PendingMessages);
            Assert.AreEqual(0, bench.Loop.DroppedMessages);
        }

        [TestMethod]
        public void Stored_WithoutClock_KeepsItsBootAndItsAge()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench away = NewAway(ring);
            away.Clock.UnixMs = -1;
            away.Run(2000);
            Stop(away);

            Bench bench = NewBoot(ring);
            bench.ConnectAndSettle();

            Assert.AreEqual("{\"n\":1,\"up\":50,\"b\":77,\"temp\":21.5,\"hum\":40.2,\"h\":1}", bench.Client[2].Payload);
        }

        [TestMethod]
        public void Stored_Delivered_IsNotSentByTheNextBoot()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench away = NewAway(ring);
            away.Run(40000);
            away.Factory.Failure = null;
            away.Run(60000);
            Assert.AreEqual(0, away.Loop.PendingMessages);

            Bench bench = NewBoot(ring);

            Assert.AreEqual(0, bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Stored_PowerFailsWhileTheyAreSent_NoneIsMissing()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench away = NewAway(ring);
            away.Run(40000);
            away.Factory.Failure = null;
            away.Factory.Preparing = client => client.AcknowledgesAtOnce = false;
            away.TickUntilUp();

            away.Run(500);
            int stored = away.Loop.PendingMessages;

            Bench bench = NewBoot(ring);
            Assert.IsTrue(bench.Loop.PendingMessages >= stored - 20, stored.ToString());
            bench.ConnectAndSettle();
            Assert.IsTrue(bench.Client[2].Payload.StartsWith("{\"n\":1,"), bench.Client[2].Payload);
        }

        [TestMethod]
        public void Stored_WaitingForLong_IsWrittenBeforeMemoryIsFull()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench bench = NewAway(ring, 100000);
            bench.Run(1000);
            Assert.AreEqual(0, ring.Writes);

            bench.Run(DeviceLimits.FlashWaitMs);

            Assert.AreEqual(1, ring.Writes);
        }

        [TestMethod]
        public void Ring_Full_DropsTheOldestAndCounts()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench bench = NewAway(ring);
            bench.Run(400000);
            int kept = bench.Loop.PendingMessages;
            Assert.AreEqual(400, kept + bench.Loop.DroppedMessages);
            Assert.IsTrue(kept > 40 && kept < 90, kept.ToString());

            Stop(bench);
            Bench next = NewBoot(ring);
            int found = next.Loop.PendingMessages;
            next.ConnectAndSettle();

            string begin = string.Concat("{\"n\":", (400 - found + 1).ToString(), ",");
            Assert.IsTrue(next.Client[2].Payload.StartsWith(begin), next.Client[2].Payload);
        }

        [TestMethod]
        public void Ring_OldestIsWrittenOverWhileItIsSent_IsNotCountedAsDropped()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench bench = NewAway(ring);
            bench.Run(40000);
            bench.Factory.Failure = null;
            bench.Factory.Preparing = client => client.AcknowledgesAtOnce = false;
            bench.TickUntilUp();

            // Nothing is acknowledged until the link is dropped; then it is away for long enough to fill the ring.
            bench.DropLink();
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.Run(400000);
            bench.Factory.Failure = null;
            bench.Factory.Preparing = null;
            bench.TickUntilUp();

            int dropped = bench.Loop.DroppedMessages;
            int pending = bench.Loop.PendingMessages;
            Assert.IsTrue(dropped > 300, dropped.ToString());
            bench.Run(60000);

            Assert.AreEqual(0, bench.Loop.PendingMessages);
            Assert.AreEqual(dropped, bench.Loop.DroppedMessages);
            Assert.IsTrue(bench.Client.CountOf(Bench.Climate) >= pending, pending.ToString());
        }

        [TestMethod]
        public void Write_TornByAPowerCut_LosesThatBatchAlone()
        {
            for (int cut = 0; cut < 1300; cut += 37)
            {
                FakeRingFile ring = new FakeRingFile(FileBytes);
                Bench away = NewAway(ring);
                away.Run(25000);
                Assert.AreEqual(1, ring.Writes);
                ring.TearsAt = cut;
                away.Run(20000);

                Bench bench = NewBoot(ring);
                bench.ConnectAndSettle();

                Assert.IsTrue(bench.Client[2].Payload.StartsWith("{\"n\":1,"), bench.Client[2].Payload);
                Assert.AreEqual(0, bench.Loop.DroppedMessages);
            }
        }

        [TestMethod]
        public void File_WithADefectInAnyByte_LosesOneBatchAtMost()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Bench away = NewAway(ring);
            away.Run(60000);
            Stop(away);
            int whole = NewBoot(ring).Loop.PendingMessages;
            Assert.IsTrue(whole >= 30, whole.ToString());
            byte[] sound = new byte[FileBytes];
            System.Array.Copy(ring.Content, sound, FileBytes);
            for (int at = 0; at < FileBytes; at += 29)
            {
                System.Array.Copy(sound, ring.Content, FileBytes);
                ring.Content[at] ^= 0x41;

                Bench bench = NewBoot(ring);
                int found = bench.Loop.PendingMessages;

                Assert.IsTrue(found >= whole - 20 && found <= whole, string.Concat(at.ToString(), ": ", found.ToString()));
            }
        }

        [TestMethod]
        public void File_OfNonsense_IsTakenForAnEmptyOne()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            for (int i = 0; i < FileBytes; i++)
            {
                ring.Content[i] = (byte)((i * 31) + (i >> 3));
            }

            Bench away = NewAway(ring);
            Assert.AreEqual(0, away.Loop.PendingMessages);
            away.Run(40000);
            Stop(away);

            Assert.AreEqual(40, NewBoot(ring).Loop.PendingMessages);
        }

        [TestMethod]
        public void Flash_FailsToWrite_MemoryKeepsTheNewestAndFlashIsTriedAgain()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            ring.FailsToWrite = true;
            Bench bench = NewAway(ring);
            bench.Run(60000);
            int kept = bench.Loop.PendingMessages;
            Assert.IsTrue(kept >= 15 && kept <= 20, kept.ToString());
            Assert.AreEqual(60, kept + bench.Loop.DroppedMessages);
            Assert.AreEqual(1, bench.Log.CountOf(DeviceNote.FlashFailed));

            ring.FailsToWrite = false;
            bench.Run(DeviceLimits.FlashRetryMs);

            Assert.IsTrue(bench.Loop.PendingMessages > 40);
            Assert.IsTrue(ring.Writes > 1);
        }

        [TestMethod]
        public void Flash_FailsToRead_IsSaidAndTheDeviceRuns()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            ring.FailsToRead = true;
            Bench bench = NewBoot(ring);
            Assert.IsTrue(bench.Log.Has(DeviceNote.FlashFailed, "read", 0));

            bench.ConnectAndSettle();
            bench.Run(1000);

            Assert.AreEqual(2, bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void Outbox_HeadDeliveredBehindADroppedOne_IsNotCountedAsDropped()
        {
            FakeRingFile ring = new FakeRingFile(FileBytes);
            Outbox outbox = new Outbox(100, 8, 8, false, new FakeLog());
            FakeClientFactory clients = new FakeClientFactory { Preparing = client => client.AcknowledgesAtOnce = false };
            DeviceOptions options = new DeviceOptions { ClientId = "a", DeviceName = "a" };
            MqttLink link = new MqttLink(clients, new FakeBackground(), options, new FakeLog());
            link.Tick(0);
            link.Tick(1);
            for (int i = 0; i < 3; i++)
            {
                outbox.TryAdd("t", new byte[30], 0, 30, false);
            }

            outbox.Flush(link, 2);
            outbox.TrySettle(clients.Last[1].PacketId, true, 3);
            outbox.TryAdd("t", new byte[60], 0, 60, false);

            // The first of the three was dropped; the second had arrived.
            Assert.AreEqual(1, outbox.Dropped);
            Assert.AreEqual(2, outbox.Count);
        }

        private static Bench NewBoot(FakeRingFile ring)
        {
            return new Bench(TelemetryClass.Stored, 1000, ring);
        }

        private static Bench NewAway(FakeRingFile ring, int periodMs = 1000)
        {
            Bench bench = new Bench(TelemetryClass.Stored, periodMs, ring);
            bench.Factory.Failure = new System.InvalidOperationException("away");
            return bench;
        }

        private static void Stop(Bench bench)
        {
            bench.Loop.RequestStop();
            bench.Tick();
            Assert.IsTrue(bench.Loop.IsStopped);
        }
    }
}
