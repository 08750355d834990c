using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>What is measured while the gateway is away, and what was in flight when it went.</summary>
    [TestClass]
    public sealed class OutboxTests
    {
        private readonly Bench _bench = new Bench();

        [TestMethod]
        public void Measured_Connected_IsSentAtOnceAndNotLate()
        {
            _bench.ConnectAndSettle();
            _bench.Run(1000);

            Assert.AreEqual("{\"n\":2,\"t\":1795210758.15,\"temp\":21.5,\"hum\":40.2}", _bench.Client.LastOf(Bench.Climate));
            Assert.AreEqual(0, _bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Measured_WhileAway_IsSentLaterInOrderWithItsTimeAndMark()
        {
            _bench.ConnectAndSettle();
            _bench.DropLink();
            _bench.Factory.Failure = new System.InvalidOperationException("away");
            _bench.Run(3000);
            Assert.AreEqual(3, _bench.Loop.PendingMessages);
            _bench.Factory.Failure = null;
            _bench.Run(6000);

            string expected = "";
            string found = "";
            for (int i = 0; i < 3; i++)
            {
                expected = string.Concat(expected, "{\"n\":", (i + 2).ToString(), ",\"t\":");
                found = string.Concat(found, _bench.Client[i + 2].Payload.Substring(0, 11));
            }

            Assert.AreEqual(expected, found);
            Assert.AreEqual("{\"n\":2,\"t\":1795210758.15,\"temp\":21.5,\"hum\":40.2,\"h\":1}", _bench.Client[2].Payload);
            Assert.IsFalse(_bench.Client.LastOf(Bench.Climate).EndsWith(",\"h\":1}"));
        }

        [TestMethod]
        public void InFlight_LinkLost_IsSentAgainThoughTheLibraryNeverSaidSo()
        {
            _bench.ConnectAndSettle();
            _bench.Client.AcknowledgesAtOnce = false;
            _bench.Run(1000);
            Assert.AreEqual(1, _bench.Loop.PendingMessages);

            _bench.DropLink();
            _bench.Run(2000);

            Assert.AreEqual("{\"n\":2,\"t\":1795210758.15,\"temp\":21.5,\"hum\":40.2,\"h\":1}", _bench.Client[2].Payload);
        }

        [TestMethod]
        public void InFlight_GivenUpByTheLibrary_IsSentAgain()
        {
            _bench.ConnectAndSettle();
            _bench.Client.AcknowledgesAtOnce = false;
            _bench.Run(1000);
            int before = _bench.Client.CountOf(Bench.Climate);

            _bench.Client.Settle(_bench.Client[_bench.Client.Published.Count - 1].PacketId, false);
            _bench.Tick();

            Assert.AreEqual(before + 1, _bench.Client.CountOf(Bench.Climate));
            Assert.AreEqual(1, _bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Acknowledgements_OutOfOrder_FreeWhatTheyAreFor()
        {
            _bench.ConnectAndSettle();
            _bench.Client.AcknowledgesAtOnce = false;
            _bench.Run(3000);
            int last = _bench.Client.Published.Count - 1;
            Assert.AreEqual(3, _bench.Loop.PendingMessages);

            _bench.Client.Settle(_bench.Client[last].PacketId, true);
            _bench.Client.Settle(_bench.Client[last - 2].PacketId, true);
            _bench.Client.Settle(9999, true);
            _bench.Tick();
            Assert.AreEqual(2, _bench.Loop.PendingMessages);
            _bench.Client.Settle(_bench.Client[last - 1].PacketId, true);
            _bench.Tick();

            Assert.AreEqual(0, _bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Outbox_Full_DropsTheOldestAndCounts()
        {
            _bench.Factory.Failure = new System.InvalidOperationException("away");
            _bench.Run(60000);
            int kept = _bench.Loop.PendingMessages;
            // 1,024 bytes at 51 to 52 each.
            Assert.IsTrue(kept >= 15 && kept <= 20, kept.ToString());
            Assert.AreEqual(60, kept + _bench.Loop.DroppedMessages);
            Assert.AreEqual(_bench.Loop.DroppedMessages, _bench.Log.CountOf(DeviceNote.OutboxDropped));

            _bench.Factory.Failure = null;
            while (_bench.Loop.Link != LinkState.Up)
            {
                _bench.Tick();
            }

            // Readings went on until now; the first that is sent is the oldest that was not dropped.
            Assert.IsTrue(_bench.Client[2].Payload.StartsWith(string.Concat("{\"n\":", (_bench.Loop.DroppedMessages + 1).ToString(), ",")), _bench.Client[2].Payload);
        }

        [TestMethod]
        public void Backlog_IsSentNoFasterThanTheLibraryCanHold()
        {
            Bench bench = new Bench(TelemetryClass.Kept, 50);
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.Run(5000);
            bench.Factory.Failure = null;
            while (bench.Loop.Link != LinkState.Up)
            {
                bench.Tick();
            }

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
