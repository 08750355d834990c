using System.Text;
using DeviceMqtt.Wire;
using nanoFramework.TestFramework;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>The commands that every board has.</summary>
    [TestClass]
    public sealed class StandardCommandTests
    {
        [TestMethod]
        public void Birth_DescribesEachCommandWithItsArguments()
        {
            Bench bench = Connected();

            Assert.IsTrue(bench.Client.LastOf(Bench.Info).Contains(
                "\"cmd\":[\"relay.set! on:b@relay.on\",\"ping\",\"info\",\"reboot! after?:i0..60[s]=1\",\"gpio.get pin:i0..19\",\"gpio.set! pin:i0..19 on:b\","
                + "\"gpio.pulse! pin:i0..19 hold?:i1..60000[ms]=500\",\"interval.set~ stream:e(climate) every:n0.5..86400[s]\","
                + "\"log.level~ level:e(off|error|info|debug)\",\"time.set t:n\"]"));
        }

        [TestMethod]
        public void Birth_IsReadBack_WithEveryFormUnderstood()
        {
            byte[] birth = Encoding.UTF8.GetBytes(Connected().Client.LastOf(Bench.Info));
            BirthReader reader = new BirthReader();

            Assert.IsTrue(reader.TryRead(birth, 0, birth.Length));
            Assert.AreEqual(10, reader.CommandCount);
            for (int i = 0; i < reader.CommandCount; i++)
            {
                Assert.IsTrue(reader.CommandAt(i).IsUnderstood, reader.CommandAt(i).Name);
            }

            Assert.AreEqual(DeviceLimits.CommandWindow, reader.Window);
            Assert.AreEqual("bench", reader.Board);
        }

        [TestMethod]
        public void Info_SaysHowItGoes()
        {
            Bench bench = Connected();
            Assert.AreEqual(
                "{\"fw\":\"1.2.3\",\"board\":\"bench\",\"reset\":\"power\",\"b\":77,\"up\":350,\"conn\":1,\"waiting\":0,\"dropped\":0,\"level\":\"debug\"}",
                Result(bench, "info", "{}"));
        }

        [TestMethod]
        public void Pin_IsSetAndRead()
        {
            Bench bench = Connected();
            Assert.AreEqual("{\"on\":true}", Result(bench, "gpio.set", "{\"pin\":7,\"on\":true}"));
            Assert.IsTrue(bench.Pins.IsHigh(7));
            bench.Send("{\"id\":2,\"cmd\":\"gpio.get\",\"args\":{\"pin\":7},\"from\":\"op\"}");
            Assert.AreEqual("{\"id\":2,\"st\":\"ok\",\"code\":0,\"res\":{\"on\":true}}", bench.Answer());
        }

        [TestMethod]
        [DataRow("gpio.set", "{\"pin\":5,\"on\":true}", 21)]
        [DataRow("gpio.set", "{\"pin\":20,\"on\":true}", 2)]
        [DataRow("gpio.set", "{\"pin\":7}", 2)]
        [DataRow("gpio.set", "{\"pin\":7,\"on\":1}", 2)]
        [DataRow("gpio.get", "{\"pin\":-1}", 2)]
        [DataRow("gpio.get", "{}", 2)]
        [DataRow("gpio.pulse", "{\"pin\":7,\"hold\":0}", 2)]
        [DataRow("gpio.pulse", "{\"pin\":7,\"hold\":60001}", 2)]
        [DataRow("reboot", "{\"after\":61}", 2)]
        [DataRow("reboot", "{\"after\":\"1\"}", 2)]
        [DataRow("interval.set", "{\"stream\":\"climate\",\"every\":0.4}", 2)]
        [DataRow("interval.set", "{\"stream\":\"nothing\",\"every\":10}", 2)]
        [DataRow("interval.set", "{\"every\":10}", 2)]
        [DataRow("log.level", "{\"level\":\"loud\"}", 2)]
        [DataRow("time.set", "{\"t\":5}", 2)]
        [DataRow("time.set", "{\"t\":1795210757,\"t\":1795210757}", 2)]
        public void Command_WrongArguments_IsAnErrorAndChangesNothing(string command, string args, int code)
        {
            Bench bench = Connected();
            bench.Send(Command(command, args));

            Assert.AreEqual(Bench.Error("1", code), bench.Answer());
            Assert.AreEqual(0, bench.Pins.Writes);
            Assert.AreEqual("", bench.Store.Name);
        }

        [TestMethod]
        public void Pulse_IsHighForItsTime()
        {
            Bench bench = Connected();
            bench.Send(Command("gpio.pulse", "{\"pin\":7,\"hold\":300}"));
            Assert.IsTrue(bench.Pins.IsHigh(7));
            bench.Run(150);
            Assert.IsTrue(bench.Pins.IsHigh(7));
            bench.Run(150);
            Assert.IsFalse(bench.Pins.IsHigh(7));
        }

        [TestMethod]
        public void Pulse_PinSetMeanwhile_Ends()
        {
            Bench bench = Connected();
            bench.Send(Command("gpio.pulse", "{\"pin\":7}"));
            bench.Send("{\"id\":2,\"cmd\":\"gpio.set\",\"args\":{\"pin\":7,\"on\":true},\"from\":\"op\"}");
            bench.Run(1000);

            Assert.IsTrue(bench.Pins.IsHigh(7));
        }

        [TestMethod]
        public void Pulse_MorePinsThanThereIsRoomFor_IsAnError()
        {
            Bench bench = Connected();
            for (int i = 0; i <= DeviceLimits.PulsesMax; i++)
            {
                bench.Send(string.Concat(string.Concat("{\"id\":", i.ToString(), ",\"cmd\":\"gpio.pulse\",\"args\":{\"pin\":", (i + 6).ToString()), "},\"from\":\"op\"}"));
            }

            Assert.AreEqual(Bench.Error(DeviceLimits.PulsesMax.ToString(), 20), bench.Answer());
        }

        [TestMethod]
        public void Pin_Fails_IsAnError()
        {
            Bench bench = Connected();
            bench.Pins.Fails = true;
            bench.Send(Command("gpio.set", "{\"pin\":7,\"on\":true}"));

            Assert.AreEqual(Bench.Error("1", 20), bench.Answer());
        }

        [TestMethod]
        public void Reboot_IsAnsweredFirst_ThenSaysGoodbyeAndEnds()
        {
            Bench bench = Connected();
            bench.Send(Command("reboot", "{}"));
            Assert.AreEqual("{\"id\":1,\"st\":\"ok\",\"code\":0}", bench.Answer());
            Assert.IsFalse(bench.Loop.IsRebootAsked);
            bench.Run(1500);

            Assert.IsTrue(bench.Loop.IsRebootAsked);
            Assert.IsTrue(bench.Loop.IsStopped);
            Assert.AreEqual("false", bench.Client.LastOf(Bench.Presence));
        }

        [TestMethod]
        public void Reboot_AcknowledgedAndSentAgain_RebootsOnce()
        {
            FakeRingFile file = new FakeRingFile(DeviceLimits.CommandFileBytes);
            Bench first = new Bench(TelemetryClass.Live, 1000, null, file, true);
            first.ConnectAndSettle();
            first.Send(Command("reboot", "{\"after\":0}"));
            first.Run(500);
            Assert.IsTrue(first.Loop.IsStopped);

            Bench second = new Bench(TelemetryClass.Live, 1000, null, file, true);
            second.ConnectAndSettle();
            second.Send(Command("reboot", "{\"after\":0}"));
            second.Run(3000);
            Assert.IsFalse(second.Loop.IsStopped);
            Assert.AreEqual("{\"id\":1,\"st\":\"ok\",\"code\":0}", second.Answer());
        }

        [TestMethod]
        public void Interval_IsSetAndKept()
        {
            Bench bench = Connected();
            Assert.AreEqual("{\"every\":30}", Result(bench, "interval.set", "{\"stream\":\"climate\",\"every\":30}"));
            Assert.AreEqual("everyMs.climate", bench.Store.Name);
            Assert.AreEqual("30000", bench.Store.Value);
            bench.Run(1000);
            int before = bench.Client.CountOf(Bench.Climate);
            bench.Run(28000);
            Assert.AreEqual(before, bench.Client.CountOf(Bench.Climate));
            bench.Run(2000);
            Assert.AreEqual(before + 1, bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void Interval_FlashFails_NothingChanges()
        {
            Bench bench = Connected();
            bench.Store.Fails = true;
            bench.Send(Command("interval.set", "{\"stream\":\"climate\",\"every\":30}"));
            int before = bench.Client.CountOf(Bench.Climate);
            bench.Run(5000);

            Assert.AreEqual(Bench.Error("1", 22), bench.Answer());
            Assert.AreEqual(before + 5, bench.Client.CountOf(Bench.Climate));
        }

        [TestMethod]
        public void LogLevel_Error_SilencesTheRest()
        {
            Bench bench = Connected();
            Assert.AreEqual("{\"level\":\"error\"}", Result(bench, "log.level", "{\"level\":\"error\"}"));
            int measured = bench.Log.CountOf(DeviceNote.Measured);
            bench.Run(5000);
            bench.DropLink();

            Assert.AreEqual(measured, bench.Log.CountOf(DeviceNote.Measured));
            Assert.AreEqual(1, bench.Log.CountOf(DeviceNote.LinkLost));
        }

        [TestMethod]
        public void Time_SetByCommand_IsInTheNextReading()
        {
            Bench bench = Connected();
            bench.Clock.UnixMs = -1;
            bench.Run(1000);
            Assert.IsTrue(bench.Client.LastOf(Bench.Climate).Contains("\"up\":"));
            bench.Send(Command("time.set", "{\"t\":1795210800.5}"));
            Assert.AreEqual("{\"id\":1,\"st\":\"ok\",\"code\":0}", bench.Answer());
            bench.Run(1000);

            Assert.IsTrue(bench.Client.LastOf(Bench.Climate).Contains("\"t\":179521080"));
        }

        [TestMethod]
        public void Birth_WithoutRoomForAll_SaysStandard()
        {
            Bench bench = new Bench(TelemetryClass.Live, 1000, null, null, true);
            for (int i = 0; i < 6; i++)
            {
                EventSource source = new EventSource(string.Concat("a-relay-with-a-long-name-", i.ToString()), "on");
                bench.Loop.Add(source);
                bench.Loop.Add(new SwitchCommand(new FakeOutput(), source));
            }

            bench.ConnectAndSettle();
            byte[] birth = Encoding.UTF8.GetBytes(bench.Client.LastOf(Bench.Info));
            BirthReader reader = new BirthReader();
            Assert.IsTrue(bench.Client.LastOf(Bench.Info).Contains("\"std\":1,\"cmd\":[\"relay.set! on:b@relay.on\",\"a-relay-"));
            Assert.IsTrue(reader.TryRead(birth, 0, birth.Length));
            Assert.AreEqual(7 + StandardCommands.Count, reader.CommandCount);
            Assert.IsNotNull(reader.FindCommand("gpio.pulse"));
        }

        private static string Command(string command, string args)
        {
            return string.Concat(string.Concat("{\"id\":1,\"cmd\":\"", command, "\",\"args\":", args), ",\"from\":\"op\"}");
        }

        private static string Result(Bench bench, string command, string args)
        {
            bench.Send(Command(command, args));
            string answer = bench.Answer();
            byte[] bytes = Encoding.UTF8.GetBytes(answer);
            CommandAnswer read = new CommandAnswer();
            Assert.IsTrue(read.TryRead(bytes, 0, bytes.Length), answer);
            Assert.AreEqual(CommandStatus.Ok, read.Status, answer);
            return Encoding.UTF8.GetString(bytes, read.ResultOffset, read.ResultLength);
        }

        private static Bench Connected()
        {
            Bench bench = new Bench(TelemetryClass.Live, 1000, null, null, true);
            bench.ConnectAndSettle();
            return bench;
        }
    }
}
