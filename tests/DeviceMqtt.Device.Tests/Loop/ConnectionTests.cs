using System;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>The link to the gateway and its traps.</summary>
    [TestClass]
    public sealed class ConnectionTests
    {
        [TestMethod]
        public void Connect_WillAndKeepAlive_AreThoseOfTheDesign()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();

            Assert.AreEqual("GID_a@@@kitchen clean 25", bench.Client.ConnectedAs);
            Assert.AreEqual("presence/GID_a@@@kitchen false retained", bench.Client.Will);
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Connected_FirstMessages_ArePresenceThenBirthThenTelemetry()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();

            Assert.AreEqual(Bench.Presence, bench.Client[0].Topic);
            Assert.AreEqual("true", bench.Client[0].Payload);
            Assert.IsTrue(bench.Client[0].IsRetained && bench.Client[0].QoS == MqttQoSLevel.AtLeastOnce);
            Assert.AreEqual(Bench.Info, bench.Client[1].Topic);
            Assert.IsTrue(bench.Client[1].IsRetained && bench.Client[1].QoS == MqttQoSLevel.AtLeastOnce);
            Assert.AreEqual(Bench.Climate, bench.Client[2].Topic);
            Assert.IsFalse(bench.Client[2].IsRetained);
        }

        [TestMethod]
        public void Birth_SaysWhatTheDeviceIs()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();

            Assert.AreEqual(
                "{\"id\":\"GID_a@@@kitchen\",\"fw\":\"1.2.3\",\"board\":\"bench\",\"reset\":\"power\",\"b\":77,\"up\":100,\"win\":4,\"tele\":{\"climate\":{\"temp\":\"Cel\",\"hum\":\"%RH\"}},\"evt\":[\"relay\"],\"cmd\":[\"relay.set! on:b@relay.on\",\"ping\"],\"failed\":[]}",
                bench.Client.LastOf(Bench.Info));
        }

        [TestMethod]
        public void LinkLost_NextConnection_HasAClientOfItsOwnAndTellsEverythingAnew()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            FakeMqttClient first = bench.Client;

            bench.DropLink();
            Assert.IsTrue(bench.Loop.Link == LinkState.Down);
            Assert.IsTrue(first.IsClosed);
            bench.Run(2000);

            Assert.AreEqual(2, bench.Factory.Clients.Count);
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
            Assert.AreEqual(Bench.Presence, bench.Client[0].Topic);
            Assert.AreEqual(Bench.Info, bench.Client[1].Topic);
            Assert.IsTrue(bench.Log.Has(DeviceNote.LinkLost, Bench.ClientId, (long)LinkFault.Closed));
        }

        [TestMethod]
        public void LinkLost_WithoutAnEvent_IsNoticedAllTheSame()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();

            // As when a handler threw: the library's dispatch thread is gone, and with it the event.
            bench.Client.IsConnected = false;
            bench.Tick();

            Assert.IsTrue(bench.Loop.Link == LinkState.Down);
        }

        [TestMethod]
        public void Connect_RefusedByCode_ClosesTheClientAndTriesAgain()
        {
            Bench bench = new Bench();
            bench.Factory.Preparing = client => client.ConnectCode = MqttReasonCode.ConnectionRefusedNotAuthorized;
            bench.ConnectAndSettle();

            Assert.IsTrue(bench.Client.IsClosed);
            Assert.IsTrue(bench.Log.Has(DeviceNote.ConnectFailed, "5", (long)LinkFault.Refused));
            AssertConnectsLater(bench);
        }

        [TestMethod]
        public void Connect_NotReachable_ClosesTheClientAndTriesAgain()
        {
            Bench bench = new Bench();
            bench.Factory.Preparing = client => client.ConnectFailure = new MqttConnectionException("refused", null);
            bench.ConnectAndSettle();

            Assert.IsTrue(bench.Client.IsClosed);
            Assert.IsTrue(bench.Log.Has(DeviceNote.ConnectFailed, "refused", (long)LinkFault.NotReachable));
            AssertConnectsLater(bench);
        }

        [TestMethod]
        public void Connect_NoConnAck_ClosesTheClientAndTriesAgain()
        {
            Bench bench = new Bench();
            bench.Factory.Preparing = client => client.ConnectFailure = new MqttCommunicationException();
            bench.ConnectAndSettle();

            Assert.IsTrue(bench.Client.IsClosed);
            Assert.AreEqual(1, bench.Log.CountOf(DeviceNote.ConnectFailed));
            AssertConnectsLater(bench);
        }

        [TestMethod]
        public void Connect_NameNotResolved_TriesAgain()
        {
            Bench bench = new Bench();
            bench.Factory.Failure = new InvalidOperationException("no such host");
            bench.ConnectAndSettle();

            Assert.IsTrue(bench.Log.Has(DeviceNote.ConnectFailed, "no such host", (long)LinkFault.NotResolved));
            AssertConnectsLater(bench);
        }

        [TestMethod]
        public void Connect_ClosedBehindConnAck_CountsAsFailed()
        {
            Bench bench = new Bench();
            bench.Factory.Preparing = client => client.WhileConnecting = client.Drop;
            bench.ConnectAndSettle();

            Assert.IsTrue(bench.Client.IsClosed);
            Assert.IsTrue(bench.Log.Has(DeviceNote.ConnectFailed, "", (long)LinkFault.Closed));
            AssertConnectsLater(bench);
        }

        [TestMethod]
        public void Connect_BlocksForLong_LoopGoesOn()
        {
            Bench bench = new Bench();
            bench.Background.IsSlow = true;

            bench.Run(5000);

            Assert.IsTrue(bench.Loop.Link == LinkState.Connecting);
            Assert.AreEqual(5, bench.Log.CountOf(DeviceNote.Measured));
            bench.Background.RunAll();
            bench.Tick();
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Connect_Hangs_IsGivenUpAndItsLateClientIsClosed()
        {
            Bench bench = new Bench();
            bench.Background.IsSlow = true;
            bench.Run(DeviceLimits.ConnectMs + 500);

            Assert.IsTrue(bench.Log.Has(DeviceNote.ConnectFailed, "", (long)LinkFault.TimedOut));
            bench.Background.RunAll();
            Assert.IsTrue(bench.Client.IsClosed);
        }

        [TestMethod]
        public void LinkLost_LastClientNotClosedYet_NextOneWaits()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Background.IsSlow = true;
            bench.DropLink();

            bench.Run(5000);
            Assert.AreEqual(1, bench.Factory.Clients.Count);
            Assert.IsTrue(bench.Loop.Link == LinkState.Down);
            bench.Background.IsSlow = false;
            bench.Background.RunAll();
            bench.Run(200);

            Assert.AreEqual(2, bench.Factory.Clients.Count);
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void LinkLost_LastClientNeverClosed_NextOneComesAllTheSame()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Background.IsSlow = true;
            bench.DropLink();

            bench.Run(DeviceLimits.CloseMs + 2000);

            Assert.IsTrue(bench.Loop.Link == LinkState.Connecting);
        }

        [TestMethod]
        public void Connect_HangsForEver_LeavesTwoBehindAndAsksForANewStart()
        {
            Bench bench = new Bench();
            bench.Background.IsSlow = true;

            bench.Run(2 * DeviceLimits.ConnectMs);
            Assert.IsFalse(bench.Loop.IsHung || bench.Loop.IsStopped);
            bench.Run(10 * DeviceLimits.ConnectMs);

            Assert.AreEqual(2, bench.Background.WaitingCount);
            Assert.IsTrue(bench.Loop.IsHung && bench.Loop.IsStopped);
            // Whatever comes back now changes nothing any more.
            bench.Background.RunAll();
            bench.Tick();
            Assert.IsTrue(bench.Loop.IsHung);
        }

        [TestMethod]
        public void Connect_HangsNowAndThen_GoesOn()
        {
            Bench bench = new Bench();
            for (int i = 0; i < 10; i++)
            {
                bench.Background.IsSlow = true;
                bench.Run(DeviceLimits.ConnectMs + 500);
                bench.Background.IsSlow = false;
                bench.Background.RunAll();
                bench.TickUntilUp();
                bench.DropLink();
                bench.Run(100);
            }

            Assert.IsFalse(bench.Loop.IsHung);
        }

        [TestMethod]
        public void LinkLost_ClientsNeverClosed_LeavesTwoBehindAndAsksForANewStart()
        {
            Bench bench = new Bench();
            for (int i = 0; i < 3 && !bench.Loop.IsHung; i++)
            {
                bench.Background.IsSlow = false;
                bench.TickUntilUp();
                bench.Background.IsSlow = true;
                bench.DropLink();
                // The attempt behind it is made, the closing is not.
                for (int ms = 0; bench.Loop.Link != LinkState.Connecting && !bench.Loop.IsHung && ms < DeviceLimits.ConnectMs; ms += 50)
                {
                    bench.Tick();
                }

                if (!bench.Loop.IsHung)
                {
                    bench.Background.RunLast();
                }
            }

            Assert.AreEqual(2, bench.Background.WaitingCount);
            Assert.IsTrue(bench.Loop.IsHung);
        }

        [TestMethod]
        public void LinkLost_AfterItLasted_NextOneComesSoon()
        {
            Bench bench = new Bench();
            bench.Factory.Failure = new InvalidOperationException("away");
            bench.Run(60000);
            bench.Factory.Failure = null;
            bench.TickUntilUp();

            bench.Run(bench.Options.StableMs);
            bench.DropLink();
            bench.Run(bench.Options.BackoffFirstMs + 100);

            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void LinkLost_AtOnce_NextOneComesNoSoonerThanAfterAFailure()
        {
            Bench bench = new Bench();
            bench.Factory.Failure = new InvalidOperationException("away");
            bench.Run(60000);
            bench.Factory.Failure = null;
            bench.TickUntilUp();

            bench.DropLink();
            bench.Run(10000);

            Assert.IsTrue(bench.Loop.Link == LinkState.Down);
        }

        [TestMethod]
        public void CommandRightBehindConnAck_IsNotMissed()
        {
            Bench bench = new Bench();
            // Handlers are attached before Connect: the gateway delivers as soon as its CONNACK left.
            bench.Factory.Preparing = client => client.WhileConnecting = () => client.Deliver(Bench.Commands, "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");

            bench.ConnectAndSettle();

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", bench.Client.LastOf(Bench.Answers));
        }

        [TestMethod]
        public void Publish_QueueFull_WaitsAndSendsLater()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.PublishFailure = new MqttClientException(MqttClientErrorCode.InflightQueueFull);
            bench.Run(3000);
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
            Assert.AreEqual(3, bench.Loop.PendingMessages);

            bench.Client.PublishFailure = null;
            bench.Run(200);

            Assert.AreEqual(0, bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Publish_LibraryFails_LinkIsGivenUp()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            FakeMqttClient first = bench.Client;
            first.PublishFailure = new InvalidOperationException("broken");

            bench.Run(1100);

            Assert.IsTrue(first.IsClosed);
            Assert.IsTrue(bench.Log.Has(DeviceNote.LinkLost, Bench.ClientId, (long)LinkFault.PublishFailed));
        }

        [TestMethod]
        public void Acknowledgements_Missing_LinkIsGivenUp()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            FakeMqttClient first = bench.Client;
            first.AcknowledgesAtOnce = false;

            bench.Run(DeviceLimits.AcknowledgeMs + 1200);

            Assert.IsTrue(first.IsClosed);
            Assert.IsTrue(bench.Log.Has(DeviceNote.LinkLost, Bench.ClientId, (long)LinkFault.NotAcknowledged));
        }

        [TestMethod]
        public void Messages_GivenUpInARow_LinkIsGivenUp()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            FakeMqttClient first = bench.Client;
            first.AcknowledgesAtOnce = false;
            for (int i = 0; i < DeviceLimits.FailuresInARowMax; i++)
            {
                Assert.IsFalse(first.IsClosed);
                bench.Run(1000);
                first.Settle(first[first.Published.Count - 1].PacketId, false);
            }

            bench.Tick();

            Assert.IsTrue(first.IsClosed);
        }

        [TestMethod]
        public void Device_SubscribesToNothing()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();

            Assert.IsFalse(bench.Client.HasOtherHandlers());
        }

        private static void AssertConnectsLater(Bench bench)
        {
            Assert.IsTrue(bench.Loop.Link == LinkState.Down);
            bench.Factory.Failure = null;
            bench.Factory.Preparing = null;
            bench.Run(3000);
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }
    }
}
