using System;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>The link to the gateway and its traps.</summary>
    [TestClass]
    public sealed class ConnectionTests
    {
        private readonly Bench _bench = new Bench();

        [TestMethod]
        public void Connect_WillAndKeepAlive_AreThoseOfTheDesign()
        {
            _bench.ConnectAndSettle();

            Assert.AreEqual("GID_a@@@kitchen clean 25", _bench.Client.ConnectedAs);
            Assert.AreEqual("presence/GID_a@@@kitchen false retained", _bench.Client.Will);
            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Connected_FirstMessages_ArePresenceThenBirthThenTelemetry()
        {
            _bench.ConnectAndSettle();

            Assert.AreEqual(Bench.Presence, _bench.Client[0].Topic);
            Assert.AreEqual("true", _bench.Client[0].Payload);
            Assert.IsTrue(_bench.Client[0].IsRetained && _bench.Client[0].QoS == MqttQoSLevel.AtLeastOnce);
            Assert.AreEqual(Bench.Info, _bench.Client[1].Topic);
            Assert.IsTrue(_bench.Client[1].IsRetained && _bench.Client[1].QoS == MqttQoSLevel.AtLeastOnce);
            Assert.AreEqual(Bench.Climate, _bench.Client[2].Topic);
            Assert.IsFalse(_bench.Client[2].IsRetained);
        }

        [TestMethod]
        public void Birth_SaysWhatTheDeviceIs()
        {
            _bench.ConnectAndSettle();

            Assert.AreEqual(
                "{\"id\":\"GID_a@@@kitchen\",\"fw\":\"1.2.3\",\"board\":\"bench\",\"reset\":\"power\",\"b\":77,\"up\":100,\"tele\":{\"climate\":{\"temp\":\"Cel\",\"hum\":\"%RH\"}},\"evt\":[\"relay\"],\"cmd\":[\"relay.set\",\"ping\"],\"failed\":[]}",
                _bench.Client.LastOf(Bench.Info));
        }

        [TestMethod]
        public void LinkLost_NextConnection_HasAClientOfItsOwnAndTellsEverythingAnew()
        {
            _bench.ConnectAndSettle();
            FakeMqttClient first = _bench.Client;

            _bench.DropLink();
            Assert.IsTrue(_bench.Loop.Link == LinkState.Down);
            Assert.IsTrue(first.IsClosed);
            _bench.Run(2000);

            Assert.AreEqual(2, _bench.Factory.Clients.Count);
            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
            Assert.AreEqual(Bench.Presence, _bench.Client[0].Topic);
            Assert.AreEqual(Bench.Info, _bench.Client[1].Topic);
            Assert.IsTrue(_bench.Log.Has(DeviceNote.LinkLost, Bench.ClientId, (long)LinkFault.Closed));
        }

        [TestMethod]
        public void LinkLost_WithoutAnEvent_IsNoticedAllTheSame()
        {
            _bench.ConnectAndSettle();

            // As when a handler threw: the library's dispatch thread is gone, and with it the event.
            _bench.Client.IsConnected = false;
            _bench.Tick();

            Assert.IsTrue(_bench.Loop.Link == LinkState.Down);
        }

        [TestMethod]
        public void Connect_RefusedByCode_ClosesTheClientAndTriesAgain()
        {
            _bench.Factory.Preparing = client => client.ConnectCode = MqttReasonCode.ConnectionRefusedNotAuthorized;
            _bench.ConnectAndSettle();

            Assert.IsTrue(_bench.Client.IsClosed);
            Assert.IsTrue(_bench.Log.Has(DeviceNote.ConnectFailed, "5", (long)LinkFault.Refused));
            AssertConnectsLater();
        }

        [TestMethod]
        public void Connect_NotReachable_ClosesTheClientAndTriesAgain()
        {
            _bench.Factory.Preparing = client => client.ConnectFailure = new MqttConnectionException("refused", null);
            _bench.ConnectAndSettle();

            Assert.IsTrue(_bench.Client.IsClosed);
            Assert.IsTrue(_bench.Log.Has(DeviceNote.ConnectFailed, "refused", (long)LinkFault.NotReachable));
            AssertConnectsLater();
        }

        [TestMethod]
        public void Connect_NoConnAck_ClosesTheClientAndTriesAgain()
        {
            _bench.Factory.Preparing = client => client.ConnectFailure = new MqttCommunicationException();
            _bench.ConnectAndSettle();

            Assert.IsTrue(_bench.Client.IsClosed);
            Assert.AreEqual(1, _bench.Log.CountOf(DeviceNote.ConnectFailed));
            AssertConnectsLater();
        }

        [TestMethod]
        public void Connect_NameNotResolved_TriesAgain()
        {
            _bench.Factory.Failure = new InvalidOperationException("no such host");
            _bench.ConnectAndSettle();

            Assert.IsTrue(_bench.Log.Has(DeviceNote.ConnectFailed, "no such host", (long)LinkFault.NotResolved));
            AssertConnectsLater();
        }

        [TestMethod]
        public void Connect_ClosedBehindConnAck_CountsAsFailed()
        {
            _bench.Factory.Preparing = client => client.WhileConnecting = client.Drop;
            _bench.ConnectAndSettle();

            Assert.IsTrue(_bench.Client.IsClosed);
            Assert.IsTrue(_bench.Log.Has(DeviceNote.ConnectFailed, "", (long)LinkFault.Closed));
            AssertConnectsLater();
        }

        [TestMethod]
        public void Connect_BlocksForLong_LoopGoesOn()
        {
            _bench.Background.IsSlow = true;

            _bench.Run(5000);

            Assert.IsTrue(_bench.Loop.Link == LinkState.Connecting);
            Assert.AreEqual(5, _bench.Log.CountOf(DeviceNote.Measured));
            _bench.Background.RunAll();
            _bench.Tick();
            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Connect_Hangs_IsGivenUpAndItsLateClientIsClosed()
        {
            _bench.Background.IsSlow = true;
            _bench.Run(DeviceLimits.ConnectMs + 500);

            Assert.IsTrue(_bench.Log.Has(DeviceNote.ConnectFailed, "", (long)LinkFault.TimedOut));
            _bench.Background.RunAll();
            Assert.IsTrue(_bench.Client.IsClosed);
        }

        [TestMethod]
        public void LinkLost_LastClientNotClosedYet_NextOneWaits()
        {
            _bench.ConnectAndSettle();
            _bench.Background.IsSlow = true;
            _bench.DropLink();

            _bench.Run(5000);
            Assert.AreEqual(1, _bench.Factory.Clients.Count);
            Assert.IsTrue(_bench.Loop.Link == LinkState.Down);
            _bench.Background.IsSlow = false;
            _bench.Background.RunAll();
            _bench.Run(200);

            Assert.AreEqual(2, _bench.Factory.Clients.Count);
            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void LinkLost_LastClientNeverClosed_NextOneComesAllTheSame()
        {
            _bench.ConnectAndSettle();
            _bench.Background.IsSlow = true;
            _bench.DropLink();

            _bench.Run(DeviceLimits.CloseMs + 2000);

            Assert.IsTrue(_bench.Loop.Link == LinkState.Connecting);
        }

        [TestMethod]
        public void LinkLost_AfterItLasted_NextOneComesSoon()
        {
            _bench.Factory.Failure = new InvalidOperationException("away");
            _bench.Run(60000);
            _bench.Factory.Failure = null;
            while (_bench.Loop.Link != LinkState.Up)
            {
                _bench.Tick();
            }

            _bench.Run(_bench.Options.StableMs);
            _bench.DropLink();
            _bench.Run(_bench.Options.BackoffFirstMs + 100);

            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void LinkLost_AtOnce_NextOneComesNoSoonerThanAfterAFailure()
        {
            _bench.Factory.Failure = new InvalidOperationException("away");
            _bench.Run(60000);
            _bench.Factory.Failure = null;
            while (_bench.Loop.Link != LinkState.Up)
            {
                _bench.Tick();
            }

            _bench.DropLink();
            _bench.Run(10000);

            Assert.IsTrue(_bench.Loop.Link == LinkState.Down);
        }

        [TestMethod]
        public void CommandRightBehindConnAck_IsNotMissed()
        {
            // Handlers are attached before Connect: the gateway delivers as soon as its CONNACK left.
            _bench.Factory.Preparing = client => client.WhileConnecting = () => client.Deliver(Bench.Commands, "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");

            _bench.ConnectAndSettle();

            Assert.AreEqual("{\"id\":\"1\",\"st\":\"ok\",\"code\":0}", _bench.Client.LastOf(Bench.Answers));
        }

        [TestMethod]
        public void Publish_QueueFull_WaitsAndSendsLater()
        {
            _bench.ConnectAndSettle();
            _bench.Client.PublishFailure = new MqttClientException(MqttClientErrorCode.InflightQueueFull);
            _bench.Run(3000);
            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
            Assert.AreEqual(3, _bench.Loop.PendingMessages);

            _bench.Client.PublishFailure = null;
            _bench.Run(200);

            Assert.AreEqual(0, _bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Publish_LibraryFails_LinkIsGivenUp()
        {
            _bench.ConnectAndSettle();
            FakeMqttClient first = _bench.Client;
            first.PublishFailure = new InvalidOperationException("broken");

            _bench.Run(1100);

            Assert.IsTrue(first.IsClosed);
            Assert.IsTrue(_bench.Log.Has(DeviceNote.LinkLost, Bench.ClientId, (long)LinkFault.PublishFailed));
        }

        [TestMethod]
        public void Acknowledgements_Missing_LinkIsGivenUp()
        {
            _bench.ConnectAndSettle();
            FakeMqttClient first = _bench.Client;
            first.AcknowledgesAtOnce = false;

            _bench.Run(DeviceLimits.AcknowledgeMs + 1200);

            Assert.IsTrue(first.IsClosed);
            Assert.IsTrue(_bench.Log.Has(DeviceNote.LinkLost, Bench.ClientId, (long)LinkFault.NotAcknowledged));
        }

        [TestMethod]
        public void Messages_GivenUpInARow_LinkIsGivenUp()
        {
            _bench.ConnectAndSettle();
            FakeMqttClient first = _bench.Client;
            first.AcknowledgesAtOnce = false;
            for (int i = 0; i < DeviceLimits.FailuresInARowMax; i++)
            {
                Assert.IsFalse(first.IsClosed);
                _bench.Run(1000);
                first.Settle(first[first.Published.Count - 1].PacketId, false);
            }

            _bench.Tick();

            Assert.IsTrue(first.IsClosed);
        }

        [TestMethod]
        public void Stop_Connected_SaysOfflineThenDisconnects()
        {
            _bench.ConnectAndSettle();
            _bench.Client.AcknowledgesAtOnce = false;

            _bench.Loop.RequestStop();
            _bench.Tick();
            Assert.AreEqual("false", _bench.Client.LastOf(Bench.Presence));
            Assert.IsFalse(_bench.Client.IsDisconnected);
            _bench.Client.Settle(_bench.Client[_bench.Client.Published.Count - 1].PacketId, true);
            _bench.Tick();

            Assert.IsTrue(_bench.Client.IsDisconnected && _bench.Client.IsClosed);
            Assert.IsTrue(_bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Stop_NotAcknowledged_EndsAllTheSame()
        {
            _bench.ConnectAndSettle();
            _bench.Client.AcknowledgesAtOnce = false;

            _bench.Loop.RequestStop();
            _bench.Run(DeviceLimits.LeaveMs + 100);

            Assert.IsTrue(_bench.Client.IsDisconnected);
            Assert.IsTrue(_bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Stop_WhileConnecting_ClosesTheClientWhenItComes()
        {
            _bench.Background.IsSlow = true;
            _bench.Tick();
            _bench.Loop.RequestStop();
            _bench.Tick();
            Assert.IsTrue(_bench.Loop.IsStopped);

            _bench.Background.RunAll();

            Assert.IsTrue(_bench.Client.IsClosed);
        }

        [TestMethod]
        public void Stop_LinkDead_EndsWithoutThrowing()
        {
            _bench.ConnectAndSettle();
            _bench.Client.AcknowledgesAtOnce = false;
            _bench.Loop.RequestStop();
            _bench.Tick();

            _bench.Client.Drop();
            _bench.Run(100);

            Assert.IsTrue(_bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Device_SubscribesToNothing()
        {
            _bench.ConnectAndSettle();

            Assert.IsFalse(_bench.Client.HasOtherHandlers());
        }

        private void AssertConnectsLater()
        {
            Assert.IsTrue(_bench.Loop.Link == LinkState.Down);
            _bench.Factory.Failure = null;
            _bench.Factory.Preparing = null;
            _bench.Run(3000);
            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
        }
    }
}
