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

        [TestMethod]
        public void Board_InThePulseOfACommand_StaysAwakeUntilItIsOver()
        {
            Bench bench = new Bench(TelemetryClass.Kept, 1000, null, null, true);
            SleepPlan plan = new SleepPlan(bench.Loop, 600);
            Run(bench, plan, SleepPlan.ListenMs - 500);
            bench.Client.Deliver(Bench.Commands, "{\"id\":1,\"cmd\":\"gpio.pulse\",\"args\":{\"pin\":4,\"hold\":10000},\"from\":\"op\"}");

            Run(bench, plan, 9000);
            Assert.IsTrue(bench.Pins.IsHigh(4) && !bench.Loop.IsStopped);
            Run(bench, plan, SleepPlan.ListenMs + 3000);

            Assert.IsFalse(bench.Pins.IsHigh(4));
            Assert.IsTrue(bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Board_ThatHadACommand_ListensAgain()
        {
            // Who switches several things sends the next when the last was answered.
            Bench bench = new Bench();
            SleepPlan plan = new SleepPlan(bench.Loop, 600);
            for (int i = 0; i < 5; i++)
            {
                Run(bench, plan, SleepPlan.ListenMs - 200);
                Assert.IsFalse(bench.Loop.IsStopped);
                bench.Client.Deliver(Bench.Commands, string.Concat("{\"id\":", i.ToString(), ",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            Run(bench, plan, SleepPlan.ListenMs + 2000);
            Assert.AreEqual(5, bench.Client.CountOf(Bench.Answers));
            Assert.IsTrue(bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Board_ThatIsGivenCommandsAllTheTime_SleepsAllTheSame()
        {
            Bench bench = new Bench();
            SleepPlan plan = new SleepPlan(bench.Loop, 600);
            for (int i = 0; bench.NowMs < SleepPlan.AwakeMaxMs - 500; i++)
            {
                Run(bench, plan, 500);
                Assert.IsFalse(bench.Loop.IsStopped);
                bench.Client.Deliver(Bench.Commands, string.Concat("{\"id\":", i.ToString(), ",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            Run(bench, plan, DeviceLimits.LeaveMs + 600);
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
