using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Commands that arrive as P2P messages, and their answers.</summary>
    [TestClass]
    public sealed class CommandTests
    {
        [TestMethod]
        public void Command_IsCarriedOutAndAnswered()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            Send(bench, "{\"id\":\"k7f3\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210817}");

            Assert.IsTrue(bench.Output.IsOn);
            Assert.AreEqual("{\"id\":\"k7f3\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}", Answer(bench));
            Assert.AreEqual("{\"n\":1,\"t\":1795210757.45,\"on\":true}", bench.Client.LastOf("dm/kitchen/evt/relay"));
        }

        [TestMethod]
        public void Command_ByAnotherParent_IsAnsweredThere()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.Deliver("site7/p2p/GID_a@@@kitchen", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            bench.Run(100);

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", bench.Client.LastOf("site7/p2p/op"));
        }

        [TestMethod]
        public void Command_Twice_IsCarriedOutOnceAndAnsweredTwice()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            string first = Answer(bench);
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");

            Assert.AreEqual(1, bench.Output.Writes);
            Assert.AreEqual(2, bench.Client.CountOf(Bench.Answers));
            Assert.AreEqual(first, Answer(bench));
            Assert.AreEqual(1, bench.Log.CountOf(DeviceNote.CommandRepeated));
        }

        [TestMethod]
        public void Command_SameIdOfAnotherSender_IsAnotherCommand()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":false},\"from\":\"oq\"}");

            Assert.AreEqual(2, bench.Output.Writes);
            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":false}}", bench.Client.LastOf("dm/p2p/oq"));
        }

        [TestMethod]
        public void Command_ThirtyTwoLater_IsForgotten()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            for (int i = 0; i <= WireLimits.CommandIdsRemembered; i++)
            {
                Send(bench, string.Concat("{\"id\":\"", i.ToString(), "\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}"));
                bench.Run(100);
            }

            int writes = bench.Output.Writes;
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            Assert.AreEqual(writes, bench.Output.Writes);
            Send(bench, "{\"id\":\"0\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            Assert.AreEqual(writes + 1, bench.Output.Writes);
        }

        [TestMethod]
        public void Command_TwiceWithAnAnswerTooLongToKeep_IsAnsweredWithDup()
        {
            Bench bench = new Bench();
            bench.Loop.Add(new TalkativeCommand(200));
            bench.ConnectAndSettle();
            for (int i = 0; i < 2; i++)
            {
                bench.Client.Deliver(Bench.Commands, "{\"id\":\"1\",\"cmd\":\"talk\",\"from\":\"op\"}");
                bench.Run(100);
            }

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"dup\",\"code\":0}", bench.Client.LastOf(Bench.Answers));
        }

        [TestMethod]
        public void Command_ResultTooLong_IsAnError()
        {
            Bench bench = new Bench();
            bench.Loop.Add(new TalkativeCommand(WireLimits.CommandBytesMax - 40));
            bench.ConnectAndSettle();
            bench.Client.Deliver(Bench.Commands, "{\"id\":\"1\",\"cmd\":\"talk\",\"from\":\"op\"}");
            bench.Run(100);

            Assert.AreEqual(Bench.Error("\"1\"", 3), bench.Client.LastOf(Bench.Answers));
        }

        [TestMethod]
        public void Command_HandlerThrows_IsAnErrorAndTheDeviceGoesOn()
        {
            Bench bench = new Bench();
            bench.Loop.Add(new TalkativeCommand(-1));
            bench.ConnectAndSettle();
            bench.Client.Deliver(Bench.Commands, "{\"id\":\"1\",\"cmd\":\"talk\",\"from\":\"op\"}");
            bench.Run(100);

            Assert.AreEqual(Bench.Error("\"1\"", 4), bench.Client.LastOf(Bench.Answers));
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Command_Expired_IsNotCarriedOut()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210756}");

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"expired\",\"code\":0}", Answer(bench));
            Assert.AreEqual(0, bench.Output.Writes);
        }

        [TestMethod]
        public void Command_ExpiredForADeviceWithoutClock_IsCarriedOut()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Clock.UnixMs = -1;
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1}");

            // It cannot know; the gateway does, and hands nothing over that has expired.
            Assert.AreEqual(1, bench.Output.Writes);
        }

        [TestMethod]
        public void Command_DuplicateAfterItsExpiry_HasItsAnswerRepeated()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210760}");
            bench.Run(10000);
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210760}");

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}", Answer(bench));
            Assert.AreEqual(1, bench.Output.Writes);
        }

        [TestMethod]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.get\",\"from\":\"op\"}", 1)]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.set\",\"from\":\"op\"}", 2)]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{},\"from\":\"op\"}", 2)]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":1},\"from\":\"op\"}", 2)]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true,\"on\":false},\"from\":\"op\"}", 2)]
        [DataRow("{\"id\":\"1\",\"cmd\":7,\"from\":\"op\"}", 5)]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":[true],\"from\":\"op\"}", 5)]
        public void Command_Wrong_IsAnsweredWithItsError(string json, int code)
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            Send(bench, json);

            Assert.AreEqual(Bench.Error("\"1\"", code), Answer(bench));
            Assert.AreEqual(0, bench.Output.Writes);
        }

        [TestMethod]
        public void Command_OfTenKilobytes_IsAnsweredWithAnError()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            Send(bench, string.Concat("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"x\":\"", new string('x', 10000), "\"}"));

            Assert.AreEqual(Bench.Error("\"1\"", 5), Answer(bench));
        }

        [TestMethod]
        public void Output_Fails_IsAnsweredWithItsCode()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Output.Fails = true;
            Send(bench, "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");

            Assert.AreEqual(Bench.Error("\"1\"", SwitchCommand.OutputFailed), Answer(bench));
            Assert.AreEqual(0, bench.Client.CountOf("dm/kitchen/evt/relay"));
        }

        [TestMethod]
        [DataRow("dm/p2p/GID_a@@@kitchen", "nonsense")]
        [DataRow("dm/p2p/GID_a@@@kitchen", "")]
        [DataRow("dm/p2p/GID_a@@@kitchen", "{\"id\":\"1\",\"st\":\"ok\",\"code\":0}")]
        [DataRow("dm/p2p/somebody", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}")]
        [DataRow("dm/kitchen/tele/climate", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}")]
        public void Message_NobodyCanBeAnsweredFor_IsIgnored(string topic, string payload)
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.Deliver(topic, payload);
            bench.Run(100);

            Assert.AreEqual(1, bench.Log.CountOf(DeviceNote.MessageIgnored));
            Assert.AreEqual(0, bench.Client.CountOf(Bench.Answers));
        }

        [TestMethod]
        public void Commands_TooManyAtOnce_SurplusIsBusyAndMayComeAgain()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            for (int i = 0; i < DeviceLimits.InboxMessagesMax + 2; i++)
            {
                bench.Client.Deliver(Bench.Commands, string.Concat("{\"id\":\"", i.ToString(), "\",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            bench.Run(2000);

            Assert.AreEqual(DeviceLimits.InboxMessagesMax, bench.Log.CountOf(DeviceNote.CommandDone));
            Assert.AreEqual(1, bench.Client.CountOf(Bench.Answers, "{\"id\":\"9\",\"st\":\"busy\",\"code\":0}"));
            Send(bench, "{\"id\":\"9\",\"cmd\":\"ping\",\"from\":\"op\"}");
            Assert.AreEqual("{\"id\":\"9\",\"st\":\"ok\",\"code\":0}", Answer(bench));
        }

        [TestMethod]
        public void Commands_ManyAtOnce_AreCarriedOutAFewPerTick()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            for (int i = 0; i < DeviceLimits.InboxMessagesMax; i++)
            {
                bench.Client.Deliver(Bench.Commands, string.Concat("{\"id\":\"", i.ToString(), "\",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            bench.Tick();

            Assert.AreEqual(DeviceLimits.CommandsPerTickMax, bench.Log.CountOf(DeviceNote.CommandDone));
        }

        [TestMethod]
        public void Commands_AFlood_IsBoundedAndCounted()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            for (int i = 0; i < 1000; i++)
            {
                bench.Client.Deliver(Bench.Commands, "nonsense");
            }

            Assert.AreEqual(1000 - DeviceLimits.InboxMessagesMax, bench.Loop.DroppedMessages);
            bench.Run(2000);
            Send(bench, "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", Answer(bench));
        }

        [TestMethod]
        public void Answer_LinkLostBeforeItsAcknowledgement_IsSentAgain()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;
            Send(bench, "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            bench.DropLink();
            bench.Run(2000);

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", Answer(bench));
        }

        [TestMethod]
        public void Answer_IsSentAheadOfABacklog()
        {
            Bench bench = new Bench(TelemetryClass.Kept, 50);
            bench.Factory.Failure = new System.InvalidOperationException("away");
            bench.Run(5000);
            bench.Factory.Failure = null;
            bench.Factory.Preparing = client => client.WhileConnecting = () => client.Deliver(Bench.Commands, "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            bench.Run(8000);

            Assert.AreEqual(Bench.Answers, bench.Client[2].Topic);
        }

        private static void Send(Bench bench, string json)
        {
            bench.Client.Deliver(Bench.Commands, json);
            bench.Run(100);
        }

        private static string Answer(Bench bench)
        {
            return bench.Client.LastOf(Bench.Answers);
        }
    }
}
