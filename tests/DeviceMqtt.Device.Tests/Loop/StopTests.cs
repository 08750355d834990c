using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A clean end: what waits is told, then the goodbye, then DISCONNECT; and the end comes in any case.</summary>
    [TestClass]
    public sealed class StopTests
    {
        [TestMethod]
        public void Stop_Connected_SaysOfflineThenDisconnects()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;

            bench.Loop.RequestStop();
            bench.Tick();
            Assert.AreEqual("false", bench.Client.LastOf(Bench.Presence));
            Assert.IsFalse(bench.Client.IsDisconnected);
            bench.Client.Settle(bench.Client[bench.Client.Published.Count - 1].PacketId, true);
            bench.Tick();

            Assert.IsTrue(bench.Client.IsDisconnected && bench.Client.IsClosed);
            Assert.IsTrue(bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Stop_NotAcknowledged_EndsAllTheSame()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;

            bench.Loop.RequestStop();
            bench.Run(DeviceLimits.LeaveMs + 100);

            Assert.IsTrue(bench.Client.IsDisconnected);
            Assert.IsTrue(bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Stop_GoodbyeNotHandedOver_LeavesItToTheWill()
        {
            // DISCONNECT would throw the Will away, and the gateway would have the board online for ever.
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.PublishFailure = new MqttClientException(MqttClientErrorCode.InflightQueueFull);

            bench.Loop.RequestStop();
            bench.Run(DeviceLimits.LeaveMs + 100);

            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.AreEqual("true", bench.Client.LastOf(Bench.Presence));
            Assert.IsTrue(bench.Client.IsClosed && !bench.Client.IsDisconnected);
        }

        [TestMethod]
        public void Stop_GoodbyeGivenUpByTheLibrary_LeavesItToTheWill()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;
            bench.Loop.RequestStop();
            bench.Tick();
            bench.Client.PublishFailure = new MqttClientException(MqttClientErrorCode.InflightQueueFull);
            bench.Client.Settle(bench.Client[bench.Client.Published.Count - 1].PacketId, false);
            bench.Run(DeviceLimits.LeaveMs + 100);

            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.IsTrue(bench.Client.IsClosed && !bench.Client.IsDisconnected);
        }

        [TestMethod]
        public void Stop_WhileConnecting_ClosesTheClientWhenItComes()
        {
            Bench bench = new Bench();
            bench.Background.IsSlow = true;
            bench.Tick();
            bench.Loop.RequestStop();
            bench.Tick();
            Assert.IsTrue(bench.Loop.IsStopped);

            bench.Background.RunAll();

            Assert.IsTrue(bench.Client.IsClosed);
        }

        [TestMethod]
        public void Stop_LinkDead_EndsWithoutThrowing()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Client.AcknowledgesAtOnce = false;
            bench.Loop.RequestStop();
            bench.Tick();

            bench.Client.Drop();
            bench.Run(100);

            Assert.IsTrue(bench.Loop.IsStopped);
        }

        [TestMethod]
        public void Stop_EventOfTheLastCommand_IsToldBeforeTheGoodbye()
        {
            Bench bench = new Bench(TelemetryClass.Kept, 1000, null, null, true);
            bench.ConnectAndSettle();
            int before = bench.Client.Published.Count;
            bench.Client.Deliver(Bench.Commands, "{\"id\":1,\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
            bench.Client.Deliver(Bench.Commands, "{\"id\":2,\"cmd\":\"reboot\",\"args\":{\"after\":0},\"from\":\"op\"}");
            bench.Run(DeviceLimits.LeaveMs);

            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.AreEqual(1, bench.Client.CountOf("dm/kitchen/evt/relay"));
            // Two answers, the event, the goodbye.
            Assert.AreEqual(before + 4, bench.Client.Published.Count);
            Assert.AreEqual(Bench.Presence, bench.Client[bench.Client.Published.Count - 1].Topic);
            Assert.AreEqual(0, bench.Loop.PendingMessages);
        }

        [TestMethod]
        public void Stop_WithABacklogInMemory_SendsItWhileItIsAcknowledged()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            FakeMqttClient client = bench.Client;
            for (int i = 0; i < 12; i++)
            {
                bench.Relay.Post(i % 2 == 0);
            }

            bench.Loop.RequestStop();
            bench.Run(DeviceLimits.LeaveMs);

            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.AreEqual(12, client.CountOf("dm/kitchen/evt/relay"));
            Assert.AreEqual("false", client.LastOf(Bench.Presence));
        }
    }
}
