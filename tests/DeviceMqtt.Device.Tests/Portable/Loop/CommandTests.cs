using DeviceMqtt.Wire;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Commands that arrive as P2P messages, and their answers.</summary>
    [TestClass]
    public sealed class CommandTests
    {
        private readonly Bench _bench = new Bench();

        public CommandTests()
        {
            _bench.ConnectAndSettle();
        }

        [TestMethod]
        public void Command_IsCarriedOutAndAnswered()
        {
            Send("{\"id\":\"k7f3\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210817}");

            Assert.IsTrue(_bench.Output.IsOn);
            Assert.AreEqual("{\"id\":\"k7f3\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}", Answer());
            Assert.AreEqual("{\"n\":1,\"t\":1795210757.45,\"on\":true}", _bench.Client.LastOf("dm/kitchen/evt/relay"));
        }

        [TestMethod]
        public void Command_ByAnotherParent_IsAnsweredThere()
        {
            _bench.Client.Deliver("site7/p2p/GID_a@@@kitchen", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            _bench.Run(100);

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", _bench.Client.LastOf("site7/p2p/op"));
        }

        [TestMethod]
        public void Command_Twice_IsCarriedOutOnceAndAnsweredTwice()
        {
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            string first = Answer();
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");

            Assert.AreEqual(1, _bench.Output.Writes);
            Assert.AreEqual(2, _bench.Client.CountOf(Bench.Answers));
            Assert.AreEqual(first, Answer());
            Assert.AreEqual(1, _bench.Log.CountOf(DeviceNote.CommandRepeated));
        }

        [TestMethod]
        public void Command_SameIdOfAnotherSender_IsAnotherCommand()
        {
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":false},\"from\":\"oq\"}");

            Assert.AreEqual(2, _bench.Output.Writes);
            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":false}}", _bench.Client.LastOf("dm/p2p/oq"));
        }

        [TestMethod]
        public void Command_ThirtyTwoLater_IsForgotten()
        {
            for (int i = 0; i <= WireLimits.CommandIdsRemembered; i++)
            {
                Send(string.Concat("{\"id\":\"", i.ToString(), "\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}"));
                _bench.Run(100);
            }

            int writes = _bench.Output.Writes;
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            Assert.AreEqual(writes, _bench.Output.Writes);
            Send("{\"id\":\"0\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            Assert.AreEqual(writes + 1, _bench.Output.Writes);
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

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"err\",\"code\":3}", bench.Client.LastOf(Bench.Answers));
        }

        [TestMethod]
        public void Command_HandlerThrows_IsAnErrorAndTheDeviceGoesOn()
        {
            Bench bench = new Bench();
            bench.Loop.Add(new TalkativeCommand(-1));
            bench.ConnectAndSettle();
            bench.Client.Deliver(Bench.Commands, "{\"id\":\"1\",\"cmd\":\"talk\",\"from\":\"op\"}");
            bench.Run(100);

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"err\",\"code\":4}", bench.Client.LastOf(Bench.Answers));
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Command_Expired_IsNotCarriedOut()
        {
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210756}");

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"expired\",\"code\":0}", Answer());
            Assert.AreEqual(0, _bench.Output.Writes);
        }

        [TestMethod]
        public void Command_ExpiredForADeviceWithoutClock_IsCarriedOut()
        {
            _bench.Clock.UnixMs = -1;
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1}");

            Assert.AreEqual(1, _bench.Output.Writes);
        }

        [TestMethod]
        public void Command_DuplicateAfterItsExpiry_HasItsAnswerRepeated()
        {
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210760}");
            _bench.Run(10000);
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795210760}");

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}", Answer());
            Assert.AreEqual(1, _bench.Output.Writes);
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
            Send(json);

            Assert.AreEqual(string.Concat("{\"id\":\"1\",\"st\":\"err\",\"code\":", code.ToString(), "}"), Answer());
            Assert.AreEqual(0, _bench.Output.Writes);
        }

        [TestMethod]
        public void Command_OfTenKilobytes_IsAnsweredWithAnError()
        {
            Send(string.Concat("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"x\":\"", new string('x', 10000), "\"}"));

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"err\",\"code\":5}", Answer());
        }

        [TestMethod]
        public void Output_Fails_IsAnsweredWithItsCode()
        {
            _bench.Output.Fails = true;
            Send("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"err\",\"code\":100}", Answer());
            Assert.AreEqual(0, _bench.Client.CountOf("dm/kitchen/evt/relay"));
        }

        [TestMethod]
        [DataRow("dm/p2p/GID_a@@@kitchen", "nonsense")]
        [DataRow("dm/p2p/GID_a@@@kitchen", "")]
        [DataRow("dm/p2p/GID_a@@@kitchen", "{\"id\":\"1\",\"st\":\"ok\",\"code\":0}")]
        [DataRow("dm/p2p/somebody", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}")]
        [DataRow("dm/kitchen/tele/climate", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}")]
        public void Message_NobodyCanBeAnsweredFor_IsIgnored(string topic, string payload)
        {
            _bench.Client.Deliver(topic, payload);
            _bench.Run(100);

            Assert.AreEqual(1, _bench.Log.CountOf(DeviceNote.MessageIgnored));
            Assert.AreEqual(0, _bench.Client.CountOf(Bench.Answers));
        }

        [TestMethod]
        public void Commands_TooManyAtOnce_SurplusIsBusyAndMayComeAgain()
        {
            for (int i = 0; i < DeviceLimits.CommandsWaitingMax + 2; i++)
            {
                _bench.Client.Deliver(Bench.Commands, string.Concat("{\"id\":\"", i.ToString(), "\",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            _bench.Run(2000);

            Assert.AreEqual(DeviceLimits.CommandsWaitingMax, _bench.Log.CountOf(DeviceNote.CommandDone));
            Assert.AreEqual("{\"id\":\"9\",\"st\":\"busy\",\"code\":0}", Answer());
            Send("{\"id\":\"9\",\"cmd\":\"ping\",\"from\":\"op\"}");
            Assert.AreEqual("{\"id\":\"9\",\"st\":\"ok\",\"code\":0}", Answer());
        }

        [TestMethod]
        public void Commands_ManyAtOnce_AreCarriedOutAFewPerTick()
        {
            for (int i = 0; i < DeviceLimits.CommandsWaitingMax; i++)
            {
                _bench.Client.Deliver(Bench.Commands, string.Concat("{\"id\":\"", i.ToString(), "\",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            _bench.Tick();

            Assert.AreEqual(DeviceLimits.CommandsPerTickMax, _bench.Log.CountOf(DeviceNote.CommandDone));
        }

        [TestMethod]
        public void Commands_AFlood_IsBoundedAndCounted()
        {
            for (int i = 0; i < 1000; i++)
            {
                _bench.Client.Deliver(Bench.Commands, "nonsense");
            }

            Assert.AreEqual(1000 - DeviceLimits.InboxMessagesMax, _bench.Loop.DroppedMessages);
            _bench.Run(2000);
            Send("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", Answer());
        }

        [TestMethod]
        public void Answer_LinkLostBeforeItsAcknowledgement_IsSentAgain()
        {
            _bench.Client.AcknowledgesAtOnce = false;
            Send("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            _bench.DropLink();
            _bench.Run(2000);

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", Answer());
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

        private void Send(string json)
        {
            _bench.Client.Deliver(Bench.Commands, json);
            _bench.Run(100);
        }

        private string Answer()
        {
            return _bench.Client.LastOf(Bench.Answers);
        }
    }
}
