using System.Text;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Settings that were changed by command.</summary>
    [TestClass]
    public sealed class ChangedSettingsTests
    {
        [TestMethod]
        public void Change_IsInForceOverTheFileAndKept()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            ChangedSettings settings = New(files);
            Assert.AreEqual("0x76", settings.Read("address.bme280"));
            Assert.IsTrue(settings.TryStore("address.bme280", "0x77"));
            Assert.AreEqual("0x77", settings.Read("address.bme280"));

            ChangedSettings next = New(files);
            Assert.AreEqual("0x77", next.Read("address.bme280"));
            Assert.AreEqual("h", next.Read(SettingName.Host));
        }

        [TestMethod]
        public void Change_Empty_TakesItBack()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            ChangedSettings settings = New(files);
            settings.TryStore("address.bme280", "0x77");
            settings.TryStore("pin.relay", "13");
            Assert.IsTrue(settings.TryStore("address.bme280", ""));

            Assert.AreEqual("0x76", New(files).Read("address.bme280"));
            Assert.AreEqual("13", New(files).Read("pin.relay"));
        }

        [TestMethod]
        [DataRow("host")]
        [DataRow("password")]
        [DataRow("clientId")]
        [DataRow("pin.")]
        [DataRow("")]
        [DataRow("pin.a-name-that-is-much-longer-than-32")]
        public void Change_OfWhoTheBoardIs_IsRefused(string name)
        {
            FakeFlashFiles files = new FakeFlashFiles();

            Assert.IsFalse(New(files).TryStore(name, "1"));
            Assert.AreEqual(0, files.Writes);
        }

        [TestMethod]
        public void Change_OneTooMany_IsRefusedAndNothingIsLost()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            ChangedSettings settings = New(files);
            for (int i = 0; i < ChangedSettings.ChangesMax; i++)
            {
                Assert.IsTrue(settings.TryStore(string.Concat("pin.p", i.ToString()), "1"));
            }

            Assert.IsFalse(settings.TryStore("pin.more", "1"));
            Assert.AreEqual("1", New(files).Read("pin.p15"));
        }

        [TestMethod]
        [DataRow("{\"pin.relay\":\"13\"")]
        [DataRow("nonsense")]
        [DataRow("{\"host\":\"elsewhere\",\"pin.relay\":7}")]
        public void File_Wrong_ChangesNothing(string text)
        {
            FakeFlashFiles files = new FakeFlashFiles();
            files.Put(FlashFileName.Changes, text);
            ChangedSettings settings = New(files);

            Assert.AreEqual("h", settings.Read(SettingName.Host));
            Assert.AreEqual("26", settings.Read("pin.relay"));
        }

        [TestMethod]
        public void Change_FlashFails_IsRefusedAndNotInForce()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            ChangedSettings settings = New(files);
            settings.TryStore("pin.relay", "13");
            files.FailsToWrite = true;

            Assert.IsFalse(settings.TryStore("pin.relay", "14"));
            Assert.AreEqual("13", settings.Read("pin.relay"));
            Assert.IsFalse(settings.TryStore("pin.button", "14"));
            Assert.IsNull(settings.Read("pin.button"));
        }

        [TestMethod]
        public void Change_OnTrial_IsProvenByASessionAndByOneWrite()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            Assert.IsTrue(New(files).IsProven);
            New(files).TryStore("pin.relay", "13");
            ChangedSettings settings = New(files);
            Assert.IsTrue(settings.IsTrial);
            int before = files.Writes;

            settings.KeepAsGood();
            settings.KeepAsGood();
            New(files).KeepAsGood();

            Assert.AreEqual(before + 1, files.Writes);
            Assert.IsTrue(settings.IsProven && New(files).IsProven);
        }

        [TestMethod]
        public void Change_MadeSinceTheStart_IsNotProvenByTheSession()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            New(files).TryStore("pin.relay", "13");
            ChangedSettings settings = New(files);
            settings.TryStore("pin.relay", "14");

            settings.KeepAsGood();

            Assert.IsTrue(New(files).IsTrial);
        }

        [TestMethod]
        public void Change_LeftOut_GivesWhatWorkedLastThenTheFile()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            New(files).TryStore("pin.relay", "13");
            New(files).KeepAsGood();
            New(files).TryStore("pin.relay", "14");
            ChangedSettings settings = New(files);

            Assert.IsTrue(settings.TryLeaveOut());
            Assert.AreEqual("13", settings.Read("pin.relay"));
            // What was left out is not what a session began with.
            settings.KeepAsGood();
            Assert.IsTrue(New(files).IsTrial);
            Assert.IsTrue(settings.TryLeaveOut());
            Assert.AreEqual("26", settings.Read("pin.relay"));
            Assert.IsFalse(settings.TryLeaveOut());
        }

        [TestMethod]
        public void Change_TakenBack_IsATrialLikeAnother()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            New(files).TryStore("pin.relay", "13");
            New(files).KeepAsGood();
            New(files).TryStore("pin.relay", "");
            ChangedSettings settings = New(files);
            Assert.IsTrue(settings.IsTrial);
            settings.KeepAsGood();

            New(files).TryStore("pin.button", "14");
            ChangedSettings next = New(files);
            next.TryLeaveOut();
            Assert.AreEqual("26", next.Read("pin.relay"));
        }

        [TestMethod]
        public void File_Torn_GivesWhatWorkedLast()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            New(files).TryStore("pin.relay", "13");
            New(files).KeepAsGood();
            files.Put(FlashFileName.Changes, "{\"pin.relay\":\"1");

            Assert.AreEqual("13", New(files).Read("pin.relay"));
        }

        [TestMethod]
        [DataRow("")]
        [DataRow(" ")]
        [DataRow("{")]
        public void File_CutOff_GivesWhatWorkedLastAndDoesNotTakeItsPlace(string left)
        {
            FakeFlashFiles files = new FakeFlashFiles();
            New(files).TryStore("pin.relay", "13");
            New(files).KeepAsGood();
            files.Put(FlashFileName.Changes, left);

            for (int boot = 0; boot < 3; boot++)
            {
                ChangedSettings settings = New(files);
                Assert.IsFalse(settings.IsTrial);
                settings.KeepAsGood();
                Assert.AreEqual("13", settings.Read("pin.relay"));
            }
        }

        [TestMethod]
        public void File_OfChangesGone_GivesWhatWorkedLastAndDoesNotTakeItsPlace()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            files.Put(FlashFileName.LastGoodChanges, "{\"pin.relay\":\"13\"}");
            New(files).KeepAsGood();

            Assert.AreEqual("13", New(files).Read("pin.relay"));
        }

        [TestMethod]
        public void File_WithoutChangesEver_IsProven()
        {
            FakeFlashFiles files = new FakeFlashFiles();
            files.Put(FlashFileName.Changes, "");

            ChangedSettings settings = New(files);

            Assert.IsTrue(settings.IsProven && !settings.IsTrial);
            settings.KeepAsGood();
            Assert.AreEqual(0, files.Writes);
        }

        [TestMethod]
        [DataRow("pin.relay", "")]
        [DataRow("pin.relay", "4")]
        [DataRow("pin.button", "14")]
        public void Change_PowerCutWhileItIsWritten_LeavesThoseOfBefore(string name, string value)
        {
            FakeFlashFiles files = new FakeFlashFiles();
            New(files).TryStore("pin.relay", "13");
            New(files).KeepAsGood();
            ChangedSettings settings = New(files);
            settings.TryStore("address.bme280", "0x77");
            files.CutsPower = true;
            settings.TryStore(name, value);
            files.CutsPower = false;

            ChangedSettings next = New(files);

            Assert.AreEqual("13 0x77", string.Concat(next.Read("pin.relay"), " ", next.Read("address.bme280")));
            Assert.IsTrue(next.IsTrial);
        }

        [TestMethod]
        [DataRow("119", 119)]
        [DataRow("0x77", 119)]
        [DataRow("0x7g", -1)]
        [DataRow("0x", -1)]
        [DataRow("300", -1)]
        [DataRow("", -1)]
        public void Number_DecimalOrHexadecimal_IsRead(string text, int expected)
        {
            int number;
            bool isRead = NumberText.TryParse(text, 0, 255, out number);

            Assert.AreEqual(expected, isRead ? number : -1);
        }

        private static ChangedSettings New(FakeFlashFiles files)
        {
            SettingsText text = new SettingsText();
            Assert.IsTrue(text.TryParse(Encoding.UTF8.GetBytes("{\"host\":\"h\",\"address.bme280\":\"0x76\",\"pin.relay\":26}")));
            ChangedSettings settings = new ChangedSettings(text, files);
            settings.Load();
            return settings;
        }
    }
}
