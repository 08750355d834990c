using System.Collections;
using System;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    [TestClass]
    public sealed class OptionsTests
    {
        [TestMethod]
        public void Settings_ClientIdAlone_AreEnough()
        {
            DeviceOptions options = new DeviceOptions();

            Assert.AreEqual("", options.Load(new FakeSettings("clientId=GID_a@@@kitchen")));

            Assert.AreEqual("kitchen", options.DeviceName);
            Assert.AreEqual("dm", options.Prefix);
            Assert.IsNull(options.UserName);
            Assert.AreEqual(25, options.KeepAliveSeconds);
        }

        [TestMethod]
        public void Settings_All_AreTaken()
        {
            DeviceOptions options = new DeviceOptions();

            Assert.AreEqual("", options.Load(new FakeSettings("clientId=GID_site@@@kitchen;device=kitchen;prefix=site7;user=u;password=p;keepAliveSeconds=30;outboxBytes=4096")));

            Assert.AreEqual("kitchen site7 u p 30 4096", string.Concat(
                string.Concat(options.DeviceName, " ", options.Prefix, " "),
                string.Concat(options.UserName, " ", options.Password, " "),
                string.Concat(options.KeepAliveSeconds.ToString(), " ", options.OutboxBytes.ToString())));
        }

        [TestMethod]
        [DataRow("", "clientId")]
        [DataRow("clientId=a/b", "clientId")]
        [DataRow("clientId=p2p", "clientId")]
        [DataRow("clientId=a234567890b234567890c234567890d234567890e234567890f234567890", "clientId")]
        [DataRow("clientId=a;device=a/b", "device")]
        [DataRow("clientId=a;device=$x", "device")]
        [DataRow("clientId=GID_home@@@esp17;device=livingroom", "device")]
        [DataRow("clientId=GID_home@@@esp17;device=GID_home@@@esp17", "device")]
        [DataRow("clientId=esp17;device=esp18", "device")]
        [DataRow("clientId=a;prefix=+", "prefix")]
        [DataRow("clientId=a;keepAliveSeconds=4", "keepAliveSeconds")]
        [DataRow("clientId=a;keepAliveSeconds=601", "keepAliveSeconds")]
        [DataRow("clientId=a;keepAliveSeconds=many", "keepAliveSeconds")]
        [DataRow("clientId=a;outboxBytes=1023", "outboxBytes")]
        [DataRow("clientId=a;outboxBytes=65537", "outboxBytes")]
        public void Settings_Wrong_AreNamed(string settings, string wrong)
        {
            Assert.AreEqual(wrong, new DeviceOptions().Load(new FakeSettings(settings)));
        }

        [TestMethod]
        public void Board_WithTooMuchForABirth_IsRefusedAtItsFirstTick()
        {
            Bench bench = new Bench();
            for (int i = 0; i < DeviceLimits.StreamsMax - 1; i++)
            {
                bench.Loop.Add(new TelemetryStream(string.Concat(new string('s', 200), i.ToString()), bench.Sensor, 1000, TelemetryClass.Live));
            }

            Assert.IsTrue(Throws(bench));
        }

        [TestMethod]
        public void Names_Taken_AreRefused()
        {
            Bench bench = new Bench();

            Assert.AreEqual(5, RefusedCount(bench));
        }

        private static int RefusedCount(Bench bench)
        {
            int refused = 0;
            for (int i = 0; i < 5; i++)
            {
                try
                {
                    switch (i)
                    {
                        case 0: bench.Loop.Add(new TelemetryStream("climate", bench.Sensor, 1000, TelemetryClass.Live)); break;
                        case 1: bench.Loop.Add(new EventSource("relay", "on")); break;
                        case 2: bench.Loop.Add(new PingCommand()); break;
                        case 3: bench.Loop.Add(new EventSource("sensor", "on")); break;
                        default: bench.Loop.Add(new TelemetryStream("a/b", bench.Sensor, 1000, TelemetryClass.Live)); break;
                    }
                }
                catch (ArgumentException)
                {
                    refused++;
                }
            }

            return refused;
        }

        private static bool Throws(Bench bench)
        {
            try
            {
                bench.Tick();
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }

        private sealed class FakeSettings : ISettings
        {
            private readonly Hashtable _values = new Hashtable();

            internal FakeSettings(string text)
            {
                string[] pairs = text.Split(new char[] { ';' });
                for (int i = 0; i < pairs.Length; i++)
                {
                    int at = pairs[i].IndexOf('=');
                    if (at > 0)
                    {
                        _values[pairs[i].Substring(0, at)] = pairs[i].Substring(at + 1);
                    }
                }
            }

            public string? Read(string name)
            {
                return (string?)_values[name];
            }
        }
    }
}
