using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A sensor that fails is marked, reported and retried; the device lives on.</summary>
    [TestClass]
    public sealed class SensorTests
    {
        private const string Fault = "dm/kitchen/evt/sensor";

        [TestMethod]
        public void Sensor_FailsWhileReading_IsReportedOnceAndInTheBirth()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Sensor.ReadError = SensorError.CommunicationFailed;
            bench.Run(5000);

            Assert.AreEqual("{\"n\":1,\"t\":1795210758.15,\"sensor\":\"bme280\",\"err\":2}", bench.Client.LastOf(Fault));
            Assert.AreEqual(1, bench.Client.CountOf(Fault));
            Assert.IsTrue(bench.Client.LastOf(Bench.Info).EndsWith("\"failed\":[\"bme280\"]}"));
            Assert.AreEqual(1, bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void Sensor_ComesBack_IsSetUpAgainReportedAndRead()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            int setups = bench.Sensor.SetupCount;
            bench.Sensor.ReadError = SensorError.CommunicationFailed;
            bench.Run(2000);
            bench.Sensor.ReadError = SensorError.None;
            bench.Run(DeviceLimits.SensorRetryMs + 1000);

            Assert.AreEqual(setups + 1, bench.Sensor.SetupCount);
            Assert.IsTrue(bench.Client.LastOf(Fault).EndsWith("\"sensor\":\"bme280\",\"err\":0}"));
            Assert.IsTrue(bench.Client.LastOf(Bench.Info).EndsWith("\"failed\":[]}"));
            Assert.IsTrue(bench.Client.CountOf(Bench.Climate) >= 2);
        }

        [TestMethod]
        public void Sensor_NotThereAtBoot_IsReportedAndTheDeviceConnects()
        {
            Bench bench = new Bench();
            bench.Sensor.SetupError = SensorError.NotFound;
            bench.ConnectAndSettle();

            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
            Assert.IsTrue(bench.Client.LastOf(Fault).Contains("\"err\":1"));
            Assert.IsTrue(bench.Client.LastOf(Bench.Info).EndsWith("\"failed\":[\"bme280\"]}"));
            Assert.AreEqual(0, bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void Sensor_Throws_IsADefectAndTheDeviceGoesOn()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Sensor.Throws = true;
            bench.Run(2000);

            Assert.IsTrue(bench.Client.LastOf(Fault).Contains("\"err\":5"));
            Assert.IsTrue(bench.Loop.Link == LinkState.Up);
        }

        [TestMethod]
        public void Sensor_StaysBroken_IsRetriedAtItsPaceOnly()
        {
            Bench bench = new Bench();
            bench.Sensor.SetupError = SensorError.WrongChip;
            bench.Run((5 * DeviceLimits.SensorRetryMs) + 500);

            Assert.AreEqual(6, bench.Sensor.SetupCount);
            Assert.AreEqual(1, bench.Log.CountOf(DeviceNote.SensorFailed));
        }

        [TestMethod]
        public void Readings_AfterAPause_AreNotMadeUpFor()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            int before = bench.Log.CountOf(DeviceNote.Measured);

            bench.Tick(10000);
            bench.Run(900);

            Assert.AreEqual(before + 1, bench.Log.CountOf(DeviceNote.Measured));
        }

        [TestMethod]
        public void Readings_KeepTheirPace()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            for (int i = 0; i < 100; i++)
            {
                bench.Tick(70);
            }

            // 50 + 300 ms before, then 7,000 ms: the readings at 50, 1050, 2050 ... 7050.
            Assert.AreEqual(8, bench.Log.CountOf(DeviceNote.Measured));
        }

        [TestMethod]
        public void Events_PostedBetweenTwoTicks_AreAllPublishedInOrder()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            bench.Relay.Post(true);
            bench.Relay.Post(false);
            bench.Tick();

            Assert.AreEqual(2, bench.Client.CountOf("dm/kitchen/evt/relay"));
            Assert.IsTrue(bench.Client.LastOf("dm/kitchen/evt/relay").EndsWith("\"on\":false}"));
        }

        [TestMethod]
        public void Events_TooManyBetweenTwoTicks_AreBoundedAndCounted()
        {
            Bench bench = new Bench();
            for (int i = 0; i < DeviceLimits.EdgesMax + 5; i++)
            {
                bench.Relay.Post(true);
            }

            Assert.AreEqual(5, bench.Relay.Dropped);
        }

        [TestMethod]
        public void Events_TooManyBetweenTwoTicks_TheNewestStateSurvivesAndTheGapIsToBeSeen()
        {
            Bench bench = new Bench();
            bench.ConnectAndSettle();
            const int Dropped = 6;
            for (int i = 0; i < DeviceLimits.EdgesMax + Dropped; i++)
            {
                bench.Relay.Post(i % 2 != 0);
            }

            bench.Tick();
            bench.Run(3000);

            Assert.AreEqual(DeviceLimits.EdgesMax, bench.Client.CountOf("dm/kitchen/evt/relay"));
            string last = bench.Client.LastOf("dm/kitchen/evt/relay");
            Assert.IsTrue(last.StartsWith(string.Concat("{\"n\":", (DeviceLimits.EdgesMax + Dropped).ToString(), ",")) && last.EndsWith("\"on\":true}"), last);
            Assert.AreEqual(1, bench.Client.CountOf("dm/kitchen/evt/relay", "{\"n\":15,"));
            Assert.AreEqual(Dropped, bench.Loop.DroppedMessages);
        }

        [TestMethod]
        public void Sensor_StillMeasuring_IsAskedAtEachTickAndReadOnce()
        {
            Bench bench = new Bench();
            bench.Sensor.ReadError = SensorError.Pending;
            bench.Run(500);
            Assert.AreEqual(0, bench.Client.CountOf(Bench.Climate));
            Assert.AreEqual(0, bench.Client.CountOf(Fault));

            bench.Sensor.ReadError = SensorError.None;
            bench.Run(500);

            Assert.AreEqual(1, bench.Client.CountOf(Bench.Climate));
            Assert.AreEqual(0, bench.Client.CountOf(Fault));
        }

        [TestMethod]
        public void Sensor_NeverDone_IsFailed()
        {
            Bench bench = new Bench();
            bench.Sensor.ReadError = SensorError.Pending;
            bench.Run(DeviceLimits.SensorPendingMs + 300);

            Assert.IsTrue(bench.Client.LastOf(Fault).EndsWith("\"err\":2}"));
        }
    }
}
