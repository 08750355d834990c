using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>How many commands a board takes, what becomes of the others, and what is too late.</summary>
    [TestClass]
    public sealed class CommandPaceTests
    {
        [TestMethod]
        public void Birth_SaysHowManyCommandsAtOnce()
        {
            Bench bench = Connected();

            Assert.IsTrue(bench.Client.LastOf(Bench.Info).Contains(string.Concat(",\"win\":", DeviceLimits.CommandWindow.ToString(), ",")));
        }

        [TestMethod]
        public void Commands_AWindowOfTheLongest_AreAllCarriedOut()
        {
            Bench bench = Connected();
            for (int i = 0; i < DeviceLimits.CommandWindow; i++)
            {
                string begin = string.Concat("{\"id\":", i.ToString(), ",\"cmd\":\"ping\",\"from\":\"op\",\"x\":\"");
                Deliver(bench, string.Concat(begin, new string('x', WireLimits.CommandBytesMax - begin.Length - 2), "\"}"));
            }

            bench.Run(2000);
            Assert.AreEqual(DeviceLimits.CommandWindow, bench.Log.CountOf(DeviceNote.CommandDone));
        }

        [TestMethod]
        public void Commands_64AtOnce_EachIsAnswered()
        {
            // 24 were done and answered with busy, and the others lost, when the inbox answered only what it could hold.
            Bench bench = Connected();
            for (int i = 0; i < 64; i++)
            {
                Deliver(bench, Switch(i));
            }

            bench.Run(20000);
            for (int i = 0; i < 64; i++)
            {
                Assert.AreEqual(1, bench.Client.CountOf(Bench.Answers, string.Concat("{\"id\":", i.ToString(), ",")), string.Concat("answers to ", i.ToString()));
            }

            Assert.AreEqual(DeviceLimits.InboxMessagesMax, bench.Log.CountOf(DeviceNote.CommandDone));
            Assert.AreEqual(64 - DeviceLimits.InboxMessagesMax, bench.Log.CountOf(DeviceNote.CommandRefused));
            Assert.AreEqual(0, bench.Loop.LostCommands);
            Assert.AreEqual(0, bench.Loop.DroppedMessages);
        }

        [TestMethod]
        public void Commands_BusyOnes_MayComeAgainAndAreCarriedOutOnceThen()
        {
            Bench bench = Connected();
            for (int round = 0; round < 8; round++)
            {
                for (int i = 0; i < 64; i++)
                {
                    Deliver(bench, Switch(i));
                }

                bench.Run(20000);
            }

            // Only the last 32 are remembered, so this many at once is the most that a sender may try again and again.
            for (int i = 0; i < 64; i++)
            {
                Assert.IsTrue(bench.Client.CountOf(Bench.Answers, string.Concat("{\"id\":", i.ToString(), ",")) >= 8);
            }
        }

        [TestMethod]
        public void Commands_MoreThanCanBeAnswered_AreCountedAndTheBirthSaysSo()
        {
            Bench bench = Connected();
            for (int i = 0; i < 1000; i++)
            {
                Deliver(bench, Switch(i));
            }

            int lost = bench.Loop.LostCommands;
            bench.Run(60000);
            int answered = bench.Client.CountOf(Bench.Answers);
            Assert.IsTrue(lost > 0);
            Assert.AreEqual(1000, answered + lost);
            Assert.IsTrue(bench.Client.LastOf(Bench.Info).Contains(string.Concat(",\"lost\":", lost.ToString(), ",")));
            Assert.IsTrue(bench.Log.Has(DeviceNote.CommandLost, Bench.ClientId, lost));
        }

        [TestMethod]
        public void Commands_WithoutTheGateway_WaitUntilTheirAnswersHaveRoom()
        {
            Bench bench = Connected();
            bench.Client.AcknowledgesAtOnce = false;
            for (int i = 0; i < DeviceLimits.InboxMessagesMax; i++)
            {
                Deliver(bench, Switch(i));
            }

            bench.Run(2000);
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.DropLink();
            bench.Run(5000);
            bench.Factory.Failure = null;
            bench.Run(30000);

            for (int i = 0; i < DeviceLimits.InboxMessagesMax; i++)
            {
                Assert.IsTrue(bench.Client.CountOf(Bench.Answers, string.Concat("{\"id\":", i.ToString(), ",")) > 0, string.Concat("answer to ", i.ToString()));
            }

            Assert.AreEqual(0, bench.Loop.DroppedMessages);
        }

        [TestMethod]
        public void Command_WaitedLongerThanItsTimeToLive_IsExpired()
        {
            Bench bench = Connected();
            bench.Clock.UnixMs = -1;
            Deliver(bench, "{\"id\":1,\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"ttl\":5}");
            bench.Tick(5100);
            bench.Run(100);

            Assert.AreEqual("{\"id\":1,\"st\":\"expired\",\"code\":0}", bench.Answer());
            Assert.AreEqual(0, bench.Output.Writes);
        }

        [TestMethod]
        [DataRow(59, "ok")]
        [DataRow(61, "expired")]
        public void Command_WithExpiryForADeviceWithoutClock_HasTheTimeOfItsClass(int seconds, string status)
        {
            // Held over an outage, long after the gateway looked at its exp.
            Bench bench = Connected();
            bench.Clock.UnixMs = -1;
            Deliver(bench, "{\"id\":1,\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210760}");
            bench.Tick(seconds * 1000);
            bench.Run(3000);

            Assert.IsTrue(bench.Answer().Contains(string.Concat("\"st\":\"", status, "\"")), bench.Answer());
            Assert.AreEqual(status == "ok" ? 1 : 0, bench.Output.Writes);
        }

        [TestMethod]
        [DataRow("relay.set", "{\"on\":true}", 59, "ok")]
        [DataRow("relay.set", "{\"on\":true}", 61, "expired")]
        [DataRow("interval.set", "{\"stream\":\"climate\",\"every\":9}", 61, "ok")]
        [DataRow("nobody.knows", "{}", 61, "expired")]
        public void Command_WithoutExpiry_HasThatOfItsClass(string command, string args, int seconds, string status)
        {
            Bench bench = Connected();
            Deliver(bench, string.Concat(string.Concat("{\"id\":1,\"cmd\":\"", command, "\",\"args\":", args), ",\"from\":\"op\"}"));
            bench.Tick(seconds * 1000);
            bench.Run(3000);

            Assert.IsTrue(bench.Answer().Contains(string.Concat("\"st\":\"", status, "\"")), bench.Answer());
        }

        [TestMethod]
        public void Command_ExpiryAndTimeToLive_WhicheverEndsFirst()
        {
            Bench bench = Connected();
            bench.Send("{\"id\":1,\"cmd\":\"ping\",\"from\":\"op\",\"exp\":1795210700,\"ttl\":600}");
            Assert.AreEqual("{\"id\":1,\"st\":\"expired\",\"code\":0}", bench.Answer());
            bench.Send("{\"id\":2,\"cmd\":\"ping\",\"from\":\"op\",\"exp\":1795299999,\"ttl\":600}");
            Assert.AreEqual("{\"id\":2,\"st\":\"ok\",\"code\":0}", bench.Answer());
        }

        [TestMethod]
        public void Commands_ThatCameBeforeTheGoodbye_AreAnsweredBeforeIt()
        {
            // The library has acknowledged them: nobody sends them again.
            Bench bench = Connected();
            for (int i = 0; i < 20; i++)
            {
                Deliver(bench, Switch(i));
            }

            bench.Loop.RequestStop();
            bench.Run(DeviceLimits.LeaveMs + 100);

            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.AreEqual("false", bench.Client.LastOf(Bench.Presence));
            Assert.AreEqual(20, bench.Client.CountOf(Bench.Answers));
        }

        private static string Switch(int i)
        {
            return string.Concat("{\"id\":", i.ToString(), ",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
        }

        private static void Deliver(Bench bench, string json)
        {
            bench.Client.Deliver(Bench.Commands, json);
        }

        private static Bench Connected()
        {
            Bench bench = new Bench(TelemetryClass.Live, 1000, null, null, true);
            bench.ConnectAndSettle();
            return bench;
        }
    }
}
