using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A board that sleeps says when it is back, and says it before its goodbye.</summary>
    [TestClass]
    public sealed class SleepPlanTests
    {
        [TestMethod]
        public void Board_ThatHasToldEverything_AnnouncesItsSleepAndLeaves()
        {
            Bench bench = new Bench();
            SleepPlan plan = new SleepPlan(bench.Loop, 600);

            Run(bench, plan, SleepPlan.ListenMs + 2000);

            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.IsTrue(bench.Client.LastOf(Bench.Info).Contains("\"sleepUntil\":17952"), bench.Client.LastOf(Bench.Info));
            Assert.AreEqual("false", bench.Client.LastOf(Bench.Presence));
            Assert.IsTrue(bench.Client.CountOf(Bench.Climate) >= 1);
            Assert.IsTrue(bench.Client.IsDisconnected);
        }

        [TestMethod]
        public void Board_WithoutAClock_SaysForHowLong()
        {
            Bench bench = new Bench();
            bench.Clock.UnixMs = -1;
            SleepPlan plan = new SleepPlan(bench.Loop, 600);

            Run(bench, plan, SleepPlan.ListenMs + 2000);

            Assert.IsTrue(bench.Client.LastOf(Bench.Info).Contains("\"sleepFor\":600"), bench.Client.LastOf(Bench.Info));
        }

        [TestMethod]
        public void Board_AwakeAndWorking_SaysNothingOfSleep()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();

            Assert.IsFalse(bench.Client.LastOf(Bench.Info).Contains("sleep"));
        }

        [TestMethod]
        public void Board_WithoutGateway_SleepsAllTheSame()
        {
            Bench bench = new Bench();
            bench.Factory.Failure = new System.InvalidOperationException("no network");
            SleepPlan plan = new SleepPlan(bench.Loop, 600);

            Run(bench, plan, SleepPlan.AwakeMaxMs - 200);
            Assert.IsFalse(bench.Loop.IsStopped);
            Run(bench, plan, 400);

            Assert.IsTrue(bench.Loop.IsStopped);
        }

        private static void Run(Bench bench, SleepPlan plan, int ms)
        {
            bool isTime = false;
            for (int left = ms; left > 0 && !isTime; left -= 50)
            {
                bench.Tick(50);
                isTime = plan.Tick(bench.NowMs);
            }

            Assert.AreEqual(isTime, bench.Loop.IsStopped);
        }
    }
}
