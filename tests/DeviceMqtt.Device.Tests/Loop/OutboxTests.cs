using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>What is measured while the gateway is away, and what was in flight when it went.</summary>
    [TestClass]
    public sealed class OutboxTests
    {
        [TestMethod]
        public void Measured_Connected_IsSentAtOnceAndNotLate()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Run(1000);

            Assert.AreEqual("{\"n\":2,\"t\":1795210758.15,\"temp\":21.5,\"hum\":40.2}", bench.Client.LastOf(Bench.Climate));
            Assert.AreEqual(0, bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Measured_WhileAway_IsSentLaterInOrderWithItsTimeAndMark()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.DropLink();
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.Run(3000);
            Assert.AreEqual(3, bench.Loop.PendingMessages);
            bench.Factory.Failure = null;
            bench.Run(6000);

            string expected = "";
            string found = "";
            for (int i = 0; i < 3; i++)
            {
                expected = string.Concat(expected, "{\"n\":", (i + 2).ToString(), ",\"t\":");
                found = string.Concat(found, bench.Client[i + 2].Payload.Substring(0, 11));
            }

            Assert.AreEqual(expected, found);
            Assert.AreEqual("{\"n\":2,\"t\":1795210758.15,\"temp\":21.5,\"hum\":40.2,\"h\":1}", bench.Client[2].Payload);
            Assert.IsFalse(bench.Client.LastOf(Bench.Climate).EndsWith(",\"h\":1}"));
        }

        [TestMethod]
        public void InFlight_LinkLost_IsSentAgainThoughTheLibraryNeverSaidSo()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;
            bench.Run(1000);
            Assert.AreEqual(1, bench.Loop.PendingMessages);

            bench.DropLink();
            bench.Run(2000);

            Assert.AreEqual("{\"n\":2,\"t\":1795210758.15,\"temp\":21.5,\"hum\":40.2,\"h\":1}", bench.Client[2].Payload);
        }

        [TestMethod]
        public void InFlight_GivenUpByTheLibrary_IsSentAgain()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;
            bench.Run(1000);
            int before = bench.Client.CountOf(Bench.Climate);

            bench.Client.Settle(bench.Client[bench.Client.Published.Count - 1].PacketId, false);
            bench.Tick();

            Assert.AreEqual(before + 1, bench.Client.CountOf(Bench.Climate));
            Assert.AreEqual(1, bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Acknowledgements_OutOfOrder_FreeWhatTheyAreFor()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;
            bench.Run(3000);
            int last = bench.Client.Published.Count - 1;
            Assert.AreEqual(3, bench.Loop.PendingMessages);

            bench.Client.Settle(bench.Client[last].PacketId, true);
            bench.Client.Settle(bench.Client[last - 2].PacketId, true);
            bench.Client.Settle(9999, true);
            bench.Tick();
            Assert.AreEqual(2, bench.Loop.PendingMessages);
            bench.Client.Settle(bench.Client[last - 1].PacketId, true);
            bench.Tick();

            Assert.AreEqual(0, bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Outbox_Full_DropsTheOldestAndCounts()
        {
            Bench bench = new Bench();
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.Run(60000);
            int kept = bench.Loop.PendingMessages;
            // 1,024 bytes at 51 to 52 each.
            Assert.IsTrue(kept >= 15 && kept <= 20, kept.ToString());
            Assert.AreEqual(60, kept + bench.Loop.DroppedMessages);
            Assert.AreEqual(bench.Loop.DroppedMessages, bench.Log.CountOf(DeviceNote.OutboxDropped));

            bench.Factory.Failure = null;
            bench.TickUntilUp();

            // Readings went on until now; the first that is sent is the oldest that was not dropped.
            Assert.IsTrue(bench.Client[2].Payload.StartsWith(string.Concat("{\"n\":", (bench.Loop.DroppedMessages + 1).ToString(), ",")), bench.Client[2].Payload);
        }

        [TestMethod]
        public void Backlog_IsSentNoFasterThanTheLibraryCanHold()
        {
            Bench bench = new Bench(TelemetryClass.Kept, 50);
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.Run(5000);
            bench.Factory.Failure = null;
            bench.TickUntilUp();

            int before = bench.Client.Published.Count;
            bench.Run(950);

            Assert.IsTrue(bench.Client.Published.Count - before <= DeviceLimits.PublishesPerSecondMax);
        }

        [TestMethod]
        public void InFlight_AtMostSoMany_EvenIfTheyWereDroppedMeanwhile()
        {
            Bench bench = new Bench(TelemetryClass.Kept, 50);
            bench.Factory.Preparing = client => client.AcknowledgesAtOnce = false;

            bench.Run(3000);

            Assert.AreEqual(DeviceLimits.OutboxInFlightMax, bench.Client.CountOf(Bench.Climate));
            Assert.IsTrue(bench.Loop.DroppedMessages > DeviceLimits.OutboxInFlightMax);

            // Those that were dropped are settled too, and make room for the next.
            for (int i = 0; i < bench.Client.Published.Count; i++)
            {
                bench.Client.Settle(bench.Client[i].PacketId, true);
            }

            bench.Run(1000);
            Assert.AreEqual(2 * DeviceLimits.OutboxInFlightMax, bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void Live_WhileAway_IsDroppedAndCounted()
        {
            Bench bench = new Bench(TelemetryClass.Live);
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.Run(2000);

            Assert.AreEqual(0, bench.Loop.PendingMessages);
            Assert.IsTrue(bench.Log.Has(DeviceNote.ReadingDropped, "climate", 2));
        }

        [TestMethod]
        public void NoClock_TimeIsUpAndBoot()
        {
            Bench bench = new Bench();
            bench.Clock.UnixMs = -1;
            bench.ConnectAndSettle();
            bench.Run(1000);

            Assert.AreEqual("{\"n\":2,\"up\":1050,\"b\":77,\"temp\":21.5,\"hum\":40.2}", bench.Client.LastOf(Bench.Climate));
        }
    }
}
