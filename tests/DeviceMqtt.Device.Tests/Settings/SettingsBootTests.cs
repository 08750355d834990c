using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A settings file that cannot be used is said, and the last that worked is used.</summary>
    [TestClass]
    public sealed class SettingsBootTests
    {
        private const string Good = "{\"clientId\":\"GID_a@@@kitchen\",\"board\":\"esp32-devkitc\",\"host\":\"gateway\",\"port\":8883,\"tls\":true,\"ssid\":\"home\"}";

        private const string Older = "{\"clientId\":\"GID_a@@@cellar\",\"board\":\"huzzah32\",\"host\":\"10.0.0.2\"}";

        private static readonly string[] Boards = { "esp32-devkitc", "huzzah32" };

        [TestMethod]
        public void File_Complete_IsUsed()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            SettingsBoot boot = Load(files, Good, null);

            Assert.IsTrue(boot.Source == SettingsSource.Given);
            Assert.AreEqual("", boot.Fault);
            Assert.AreEqual("kitchen", boot.Options.DeviceName);
            Assert.AreEqual("esp32-devkitc gateway 8883", string.Concat(boot.Settings.Board, " ", boot.Settings.Host, string.Concat(" ", boot.Settings.Port.ToString())));
            Assert.IsTrue(boot.Settings.IsTls);
            Assert.AreEqual("pool.ntp.org", boot.Settings.TimeServer);
        }

        [TestMethod]
        public void Port_NotGiven_IsTheRegisteredOne()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            Assert.AreEqual(1883, Load(files, Older, null).Settings.Port);
        }

        [TestMethod]
        public void File_Missing_IsSaidAndTheLastGoodOneIsUsed()
        {
            SettingsBoot boot = Load(new FakeFlashFiles(), null, Older);

            Assert.AreEqual("missing", boot.Fault);
            Assert.IsTrue(boot.Source == SettingsSource.LastGood);
        }

        [TestMethod]
        [DataRow("", "unreadable")]
        [DataRow("{}", "unreadable")]
        [DataRow("{\"clientId\":\"GID_a@@@kitchen\",\"board\":\"esp32-devk", "unreadable")]
        [DataRow("{\"clientId\":\"k\",\"clientId\":\"l\",\"board\":\"b\",\"host\":\"h\"}", "unreadable")]
        [DataRow("{\"clientId\":\"k\",\"board\":{\"a\":1},\"host\":\"h\"}", "unreadable")]
        [DataRow("not even JSON", "unreadable")]
        [DataRow("{\"board\":\"b\",\"host\":\"h\"}", "clientId")]
        [DataRow("{\"clientId\":\"k\",\"host\":\"h\"}", "board")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"b\"}", "host")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"toaster\",\"host\":\"h\"}", "board")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"b\",\"host\":\"h\",\"port\":0}", "port")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"b\",\"host\":\"h\",\"port\":65536}", "port")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"b\",\"host\":\"h\",\"port\":\"x\"}", "port")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"b\",\"host\":\"h\",\"tls\":\"yes\"}", "tls")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"b\",\"host\":\"h\",\"sleepSeconds\":5}", "sleepSeconds")]
        [DataRow("{\"clientId\":\"k\",\"board\":\"b\",\"host\":\"h\",\"keepAliveSeconds\":1}", "keepAliveSeconds")]
        public void File_Wrong_IsSaidAndTheLastGoodOneIsUsed(string text, string fault)
        {
            FakeFlashFiles files = new FakeFlashFiles();
            SettingsBoot boot = Load(files, text, Older);

            Assert.AreEqual(fault, boot.Fault);
            Assert.IsTrue(boot.Source == SettingsSource.LastGood);
            Assert.AreEqual("GID_a@@@cellar", boot.Options.ClientId);
            Assert.AreEqual("huzzah32", boot.Settings.Board);
        }

        [TestMethod]
        public void File_CutAnywhere_IsNeverUsed()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            for (int length = 0; length < Good.Length; length++)
            {
                SettingsBoot boot = Load(files, Good.Substring(0, length), null);

                Assert.IsTrue(boot.Source == SettingsSource.None, length.ToString());
                Assert.AreEqual("unreadable", boot.Fault);
            }
        }

        [TestMethod]
        public void File_TooLong_IsMissing()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            SettingsBoot boot = Load(files, Good.PadRight(3000, ' '), null);

            Assert.AreEqual("missing", boot.Fault);
            Assert.IsTrue(boot.Source == SettingsSource.None);
        }

        [TestMethod]
        public void Settings_ThatWorked_AreKeptOnce()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            SettingsBoot boot = Load(files, Good, Older);

            boot.KeepAsGood();
            boot.KeepAsGood();
            Load(files, Good, null).KeepAsGood();

            Assert.AreEqual(1, files.Writes);
            Assert.AreEqual(Good.Length, files.Read(FlashFileName.LastGoodSettings, 2048)!.Length);
        }

        [TestMethod]
        public void LastGoodSettings_InUse_AreNotWrittenAgain()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            Load(files, "{", Older).KeepAsGood();

            Assert.AreEqual(0, files.Writes);
        }

        private static SettingsBoot Load(FakeFlashFiles files, string? given, string? lastGood)
        {
            if (given != null)
            {
                files.Put(FlashFileName.Settings, given);
            }

            if (lastGood != null)
            {
                files.Put(FlashFileName.LastGoodSettings, lastGood);
            }

            SettingsBoot boot = new SettingsBoot(files, Boards);
            boot.Load();
            return boot;
        }
    }
}
