using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A command is its sender, its id and what it says: the same is carried out once, over a restart too, and another under its id is refused.</summary>
    [TestClass]
    public sealed class CommandOnceTests
    {
        private const string On = "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}";
        private const string Off = "{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":false},\"from\":\"op\"}";
        private const string OnAnswer = "{\"id\":\"1\",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}";

        [TestMethod]
        public void Rule12_SameIdOtherContent_IsRefusedInWords()
        {
            // The README's command with a fixed id: whoever changes true to false must learn why nothing happens.
            Bench bench = Connected(null);
            bench.Send(On);
            bench.Send(Off);

            Assert.AreEqual(Bench.Error("\"1\"", 7), bench.Answer());
            Assert.IsTrue(bench.Output.IsOn);
            Assert.AreEqual(1, bench.Output.Writes);
        }

        [TestMethod]
        public void Command_RefusedForItsId_LeavesTheFirstAnswerAsItWas()
        {
            Bench bench = Connected(null);
            bench.Send(On);
            bench.Send(Off);
            bench.Send(On);

            Assert.AreEqual(OnAnswer, bench.Answer());
        }

        [TestMethod]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{ \"on\" : true },\"from\":\"op\"}")]
        [DataRow("{\"from\":\"op\",\"args\":{\"on\":true},\"cmd\":\"relay.set\",\"id\":\"1\"}")]
        [DataRow("{\"id\":\"1\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\",\"exp\":1795219999,\"ttl\":5}")]
        public void Command_SameInOtherSpelling_IsTheSame(string json)
        {
            Bench bench = Connected(null);
            bench.Send(On);
            bench.Send(json);

            Assert.AreEqual(OnAnswer, bench.Answer());
            Assert.AreEqual(1, bench.Output.Writes);
        }

        [TestMethod]
        [DataRow("7", "7")]
        [DataRow("-1.50", "-1.50")]
        [DataRow("\"\\u0061\\\"b\"", "\"\\u0061\\\"b\"")]
        [DataRow("\"a\\tb\"", "\"a\\tb\"")]
        public void Id_NumberOrOddCharacters_IsRepeatedAsItWasWritten(string id, string answered)
        {
            Bench bench = Connected(null);
            bench.Send(string.Concat("{\"id\":", id, ",\"cmd\":\"ping\",\"from\":\"op\"}"));

            Assert.AreEqual(string.Concat("{\"id\":", answered, ",\"st\":\"ok\",\"code\":0}"), bench.Answer());
        }

        [TestMethod]
        [DataRow("\"a\\u0000b\"", "\"a\\u0000b\"")]
        [DataRow("\"\"", "\"\"")]
        [DataRow("true", "true")]
        [DataRow("\"0123456789012345678901234567890123456789x\"", "\"0123456789012345678901234567890123456789x\"")]
        public void Id_ThatCannotBeUsed_IsAnsweredInWords(string id, string answered)
        {
            Bench bench = Connected(null);
            bench.Send(string.Concat("{\"id\":", id, ",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}"));

            Assert.AreEqual(Bench.Error(answered, 6), bench.Answer());
            Assert.AreEqual(0, bench.Output.Writes);
        }

        [TestMethod]
        public void Id_MissingOrOfAKilobyte_IsAnsweredWithNull()
        {
            Bench bench = Connected(null);
            bench.Send("{\"cmd\":\"ping\",\"from\":\"op\"}");
            Assert.AreEqual(Bench.Error("null", 6), bench.Answer());

            bench.Send(string.Concat("{\"id\":\"", new string('x', 900), "\",\"cmd\":\"ping\",\"from\":\"op\"}"));
            Assert.AreEqual(Bench.Error("null", 6), bench.Answer());
        }

        [TestMethod]
        public void Id_WithUPlus0000_IsNotTheIdInFrontOfIt()
        {
            // On a board a string ends at U+0000: "1" and "1\0x" would be the same.
            Bench bench = Connected(null);
            bench.Send(On);
            bench.Send("{\"id\":\"1\\u0000x\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");

            Assert.AreEqual(Bench.Error("\"1\\u0000x\"", 6), bench.Answer());
        }

        [TestMethod]
        public void Command_AnsweredBeforeAReset_IsNotCarriedOutAgain()
        {
            FakeRingFile file = NewFile();
            Bench first = Connected(file);
            first.Send(On);
            first.Run(DeviceLimits.AnswerToFileMs + 100);

            Bench second = Connected(file);
            second.Send(On);
            Assert.AreEqual(0, second.Output.Writes);
            Assert.AreEqual(OnAnswer, second.Answer());
            second.Send(Off);
            Assert.AreEqual(Bench.Error("\"1\"", 7), second.Answer());
        }

        [TestMethod]
        public void Command_PowerFailsBehindIt_IsNotCarriedOutAgain()
        {
            // The answer had not reached the file: all that is known is that the command was begun.
            FakeRingFile file = NewFile();
            Connected(file).Send(On);

            Bench second = Connected(file);
            second.Send(On);
            Assert.AreEqual(0, second.Output.Writes);
            Assert.AreEqual(string.Concat("{\"id\":\"1\",\"st\":\"dup\",\"code\":8,\"why\":\"", CommandErrorText.Of(8), "\"}"), second.Answer());
        }

        [TestMethod]
        public void Command_PowerFailsWhileItIsWritten_IsCarriedOutOnce()
        {
            for (int bytes = 0; bytes < 120; bytes++)
            {
                FakeRingFile file = NewFile();
                Bench first = Connected(file);
                first.Send("{\"id\":\"0\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
                file.TearsAt = bytes;
                file.FailsToWrite = false;
                first.Send(On);
                int done = first.Output.Writes;

                Bench second = Connected(file);
                second.Send("{\"id\":\"0\",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
                Assert.AreEqual(0, second.Output.Writes, "the command before is not forgotten");
                // The fake goes on where a board loses its power: carried out without a trace in the file. A board never gets there.
                Assert.AreEqual(2, done);
            }
        }

        [TestMethod]
        public void File_After70Commands_HasTheLast32()
        {
            FakeRingFile file = NewFile();
            Bench first = Connected(file);
            for (int i = 0; i < 70; i++)
            {
                first.Send(Numbered(i));
            }

            first.Run(DeviceLimits.AnswerToFileMs + 100);
            Bench second = Connected(file);
            for (int i = 70 - WireLimits.CommandIdsRemembered; i < 70; i++)
            {
                second.Send(Numbered(i));
                Assert.AreEqual(string.Concat("{\"id\":", i.ToString(), ",\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}"), second.Answer());
            }

            Assert.AreEqual(0, second.Output.Writes);
            second.Send(Numbered(70 - WireLimits.CommandIdsRemembered - 1));
            Assert.AreEqual(1, second.Output.Writes);
        }

        [TestMethod]
        [DataRow(true)]
        [DataRow(false)]
        public void Command_BehindManyQuestions_IsNotCarriedOutAgain(bool hasFile)
        {
            Bench bench = Connected(hasFile ? NewFile() : null);
            bench.Send(On);
            for (int i = 0; i < 2 * WireLimits.CommandIdsRemembered; i++)
            {
                bench.Send(string.Concat("{\"id\":\"q", i.ToString(), "\",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            bench.Send(On);

            Assert.AreEqual(OnAnswer, bench.Answer());
            Assert.AreEqual(1, bench.Output.Writes);
        }

        [TestMethod]
        public void Question_TwiceInARow_IsAnsweredFromMemory()
        {
            Bench bench = Connected(null);
            for (int i = 0; i < 2 * DeviceLimits.QueriesRemembered; i++)
            {
                bench.Send(string.Concat("{\"id\":\"q", (i % DeviceLimits.QueriesRemembered).ToString(), "\",\"cmd\":\"ping\",\"from\":\"op\"}"));
            }

            Assert.AreEqual(DeviceLimits.QueriesRemembered, bench.Log.CountOf(DeviceNote.CommandRepeated));
        }

        [TestMethod]
        public void File_QuestionsAreNotWrittenToIt()
        {
            FakeRingFile file = NewFile();
            Bench bench = Connected(file);
            bench.Send("{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\"}");
            bench.Run(DeviceLimits.AnswerToFileMs + 100);

            Assert.AreEqual(0, file.Writes);
        }

        [TestMethod]
        public void File_CommandsInARow_CostOneWriteEach()
        {
            FakeRingFile file = NewFile();
            Bench bench = Connected(file);
            for (int i = 0; i < 20; i++)
            {
                bench.Send(Numbered(i));
            }

            Assert.AreEqual(20, file.Writes);
        }

        [TestMethod]
        public void File_Fails_CommandIsCarriedOutAndItIsSaid()
        {
            FakeRingFile file = NewFile();
            Bench bench = Connected(file);
            file.FailsToWrite = true;
            bench.Send(On);

            Assert.AreEqual(OnAnswer, bench.Answer());
            Assert.IsTrue(bench.Log.Has(DeviceNote.FlashFailed, "commands", 1));
        }

        [TestMethod]
        public void File_OfGarbage_IsEmpty()
        {
            FakeRingFile file = NewFile();
            for (int i = 0; i < file.Content.Length; i++)
            {
                file.Content[i] = (byte)(i * 7);
            }

            Bench bench = Connected(file);
            bench.Send(On);

            Assert.AreEqual(1, bench.Output.Writes);
        }

        private static string Numbered(int i)
        {
            return string.Concat("{\"id\":", i.ToString(), ",\"cmd\":\"relay.set\",\"args\":{\"on\":true},\"from\":\"op\"}");
        }

        private static FakeRingFile NewFile()
        {
            return new FakeRingFile(DeviceLimits.CommandFileBytes);
        }

        private static Bench Connected(IRingFile? file)
        {
            Bench bench = new Bench(TelemetryClass.Kept, 1000, null, file);
            bench.ConnectAndSettle();
            return bench;
        }
    }
}
