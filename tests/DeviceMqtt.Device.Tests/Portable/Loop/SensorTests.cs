using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A sensor that fails is marked, reported and retried; the device lives on.</summary>
    [TestClass]
    public sealed class SensorTests
    {
        private const string Fault = "dm/kitchen/evt/sensor";

        private readonly Bench _bench = new Bench();

        [TestMethod]
        public void Sensor_FailsWhileReading_IsReportedOnceAndInTheBirth()
        {
            _bench.ConnectAndSettle();
            _bench.Sensor.ReadError = SensorError.CommunicationFailed;
            _bench.Run(5000);

            Assert.AreEqual("{\"n\":1,\"t\":1795210758.15,\"sensor\":\"bme280\",\"err\":2}", _bench.Client.LastOf(Fault));
            Assert.AreEqual(1, _bench.Client.CountOf(Fault));
            Assert.IsTrue(_bench.Client.LastOf(Bench.Info).EndsWith("\"failed\":[\"bme280\"]}"));
            Assert.AreEqual(1, _bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void Sensor_ComesBack_IsSetUpAgainReportedAndRead()
        {
            _bench.ConnectAndSettle();
            int setups = _bench.Sensor.SetupCount;
            _bench.Sensor.ReadError = SensorError.CommunicationFailed;
            _bench.Run(2000);
            _bench.Sensor.ReadError = SensorError.None;
            _bench.Run(DeviceLimits.SensorRetryMs + 1000);

            Assert.AreEqual(setups + 1, _bench.Sensor.SetupCount);
            Assert.IsTrue(_bench.Client.LastOf(Fault).EndsWith("\"sensor\":\"bme280\",\"err\":0}"));
            Assert.IsTrue(_bench.Client.LastOf(Bench.Info).EndsWith("\"failed\":[]}"));
            Assert.IsTrue(_bench.Client.CountOf(Bench.Climate) >= 2);
        }

        [TestMethod]
        public void Sensor_NotThereAtBoot_IsReportedAndTheDeviceConnects()
        {
            _bench.Sensor.SetupError = SensorError.NotFound;
            _bench.ConnectAndSettle();

            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
            Assert.IsTrue(_bench.Client.LastOf(Fault).Contains("\"err\":1"));
            Assert.IsTrue(_bench.Client.LastOf(Bench.Info).EndsWith("\"failed\":[\"bme280\"]}"));
            Assert.AreEqual(0, _bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void Sensor_Throws_IsADefectAndTheDeviceGoesOn()
        {
            _bench.ConnectAndSettle();
            _bench.Sensor.Throws = true;
            _bench.Run(2000);

            Assert.IsTrue(_bench.Client.LastOf(Fault).Contains("\"err\":5"));
            Assert.IsTrue(_bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Sensor_StaysBroken_IsRetriedAtItsPaceOnly()
        {
            _bench.Sensor.SetupError = SensorError.WrongChip;
            _bench.Run((5 * DeviceLimits.SensorRetryMs) + 500);

            Assert.AreEqual(6, _bench.Sensor.SetupCount);
            Assert.AreEqual(1, _bench.Log.CountOf(DeviceNote.SensorFailed));
        }

        [TestMethod]
        public void Readings_AfterAPause_AreNotMadeUpFor()
        {
            _bench.ConnectAndSettle();
            int before = _bench.Log.CountOf(DeviceNote.Measured);

            _bench.Tick(10000);
            _bench.Run(900);

            Assert.AreEqual(before + 1, _bench.Log.CountOf(DeviceNote.Measured));
        }

        [TestMethod]
        public void Readings_KeepTheirPace()
        {
            _bench.ConnectAndSettle();
            for (int i = 0; i < 100; i++)
            {
                _bench.Tick(70);
            }

            // 50 + 300 ms before, then 7,000 ms: the readings at 50, 1050, 2050 ... 7050.
            Assert.AreEqual(8, _bench.Log.CountOf(DeviceNote.Measured));
        }

        [TestMethod]
        public void Events_PostedBetweenTwoTicks_AreAllPublishedInOrder()
        {
            _bench.ConnectAndSettle();
            _bench.Relay.Post(true);
            _bench.Relay.Post(false);
            _bench.Tick();

            Assert.AreEqual(2, _bench.Client.CountOf("dm/kitchen/evt/relay"));
            Assert.IsTrue(_bench.Client.LastOf("dm/kitchen/evt/relay").EndsWith("\"on\":false}"));
        }

        [TestMethod]
        public void Events_TooManyBetweenTwoTicks_AreBoundedAndCounted()
        {
            for (int i = 0; i < DeviceLimits.EdgesMax + 5; i++)
            {
                _bench.Relay.Post(true);
            }

            Assert.AreEqual(5, _bench.Relay.Dropped);
        }

        [TestMethod]
        public void Sensor_StillMeasuring_IsAskedAtEachTickAndReadOnce()
        {
            _bench.Sensor.ReadError = SensorError.Pending;
            _bench.Run(500);
            Assert.AreEqual(0, _bench.Client.CountOf(Bench.Climate));
            Assert.AreEqual(0, _bench.Client.CountOf(Fault));

            _bench.Sensor.ReadError = SensorError.None;
            _bench.Run(500);

            Assert.AreEqual(1, _bench.Client.CountOf(Bench.Climate));
            Assert.AreEqual(0, _bench.Client.CountOf(Fault));
        }

        [TestMethod]
        public void Sensor_NeverDone_IsFailed()
        {
            _bench.Sensor.ReadError = SensorError.Pending;
            _bench.Run(DeviceLimits.SensorPendingMs + 300);

            Assert.IsTrue(_bench.Client.LastOf(Fault).EndsWith("\"err\":2}"));
        }
    }
}
