using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A board that never sleeps starts anew before the runtime's count of the time ends, at a moment when nothing is lost.</summary>
    [TestClass]
    public sealed class RestartPlanTests
    {
        [TestMethod]
        public void Board_QuietWhenItIsDue_SaysGoodbyeAndRestarts()
        {
            Bench bench = Connected();
            RestartPlan plan = new RestartPlan(bench.Loop);
            Assert.IsFalse(plan.Tick(RestartPlan.DueMs - 1));
            bench.Tick();
            Assert.IsFalse(bench.Loop.IsStopped);

            Assert.IsFalse(plan.Tick(RestartPlan.DueMs));
            bench.Run(200);

            Assert.IsTrue(plan.Tick(RestartPlan.DueMs + 200));
            Assert.AreEqual("false", bench.Client.LastOf(Bench.Presence));
            Assert.IsFalse(bench.Loop.IsRebootAsked);
        }

        [TestMethod]
        public void Board_InAPulse_WaitsForItsEnd()
        {
            Bench bench = Connected();
            RestartPlan plan = new RestartPlan(bench.Loop);
            bench.Send("{\"id\":1,\"cmd\":\"gpio.pulse\",\"args\":{\"pin\":12,\"hold\":1000},\"from\":\"op\"}");
            bench.Run(100);

            plan.Tick(RestartPlan.DueMs);
            bench.Tick();
            Assert.IsFalse(bench.Loop.IsStopped);
            bench.Run(1000);
            plan.Tick(RestartPlan.DueMs);
            bench.Run(200);

            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.IsFalse(bench.Pins.IsHigh(12));
        }

        [TestMethod]
        public void Board_ThatIsNeverQuiet_RestartsInTheEnd()
        {
            Bench bench = new Bench();
            bench.Factory.Failure = new System.InvalidOperationException("no network");
            bench.Run(1000);
            RestartPlan plan = new RestartPlan(bench.Loop);
            Assert.IsFalse(plan.Tick(RestartPlan.LatestMs - 1));
            bench.Tick();
            Assert.IsFalse(bench.Loop.IsStopped);

            plan.Tick(RestartPlan.LatestMs);
            bench.Tick();

            Assert.IsTrue(plan.Tick(RestartPlan.LatestMs));
        }

        [TestMethod]
        public void Plan_IsDoneBeforeTheRuntimeCountsAnew()
        {
            // 32 bits of 10 ms.
            Assert.IsTrue(RestartPlan.LatestMs < 4_294_967_296 * 10);
            Assert.IsTrue(RestartPlan.DueMs < RestartPlan.LatestMs);
        }

        private static Bench Connected()
        {
            Bench bench = new Bench(TelemetryClass.Live, 1000, null, null, true);
            bench.ConnectAndSettle();
            return bench;
        }
    }
}
