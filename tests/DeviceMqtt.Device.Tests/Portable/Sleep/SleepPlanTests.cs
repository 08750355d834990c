using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A board that sleeps says when it is back, and says it before its goodbye.</summary>
    [TestClass]
    public sealed class SleepPlanTests
    {
        private readonly Bench _bench = new Bench();

        [TestMethod]
        public void Board_ThatHasToldEverything_AnnouncesItsSleepAndLeaves()
        {
            SleepPlan plan = new SleepPlan(_bench.Loop, 600);

            Run(plan, SleepPlan.ListenMs + 2000);

            Assert.IsTrue(_bench.Loop.IsStopped);
            Assert.IsTrue(_bench.Client.LastOf(Bench.Info).Contains("\"sleepUntil\":17952"), _bench.Client.LastOf(Bench.Info));
            Assert.AreEqual("false", _bench.Client.LastOf(Bench.Presence));
            Assert.IsTrue(_bench.Client.CountOf(Bench.Climate) >= 1);
            Assert.IsTrue(_bench.Client.IsDisconnected);
        }

        [TestMethod]
        public void Board_WithoutAClock_SaysForHowLong()
        {
            _bench.Clock.UnixMs = -1;
            SleepPlan plan = new SleepPlan(_bench.Loop, 600);

            Run(plan, SleepPlan.ListenMs + 2000);

            Assert.IsTrue(_bench.Client.LastOf(Bench.Info).Contains("\"sleepFor\":600"), _bench.Client.LastOf(Bench.Info));
        }

        [TestMethod]
        public void Board_AwakeAndWorking_SaysNothingOfSleep()
        {
            _bench.ConnectAndSettle();

            Assert.IsFalse(_bench.Client.LastOf(Bench.Info).Contains("sleep"));
        }

        [TestMethod]
        public void Board_WithoutGateway_SleepsAllTheSame()
        {
            _bench.Factory.Failure = new System.InvalidOperationException("no network");
            SleepPlan plan = new SleepPlan(_bench.Loop, 600);

            Run(plan, SleepPlan.AwakeMaxMs - 200);
            Assert.IsFalse(_bench.Loop.IsStopped);
            Run(plan, 400);

            Assert.IsTrue(_bench.Loop.IsStopped);
        }

        private void Run(SleepPlan plan, int ms)
        {
            bool isTime = false;
            for (int left = ms; left > 0 && !isTime; left -= 50)
            {
                _bench.Tick(50);
                isTime = plan.Tick(_bench.NowMs);
            }

            Assert.AreEqual(isTime, _bench.Loop.IsStopped);
        }
    }
}
