using System.Device.Gpio;
using DeviceMqtt.Device.Esp32;
using nanoFramework.Hardware.Esp32;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>Addresses, intervals and pins of a board's parts, by settings and by command, without a change of code.</summary>
[TestClass]
[DoNotParallelize]
public sealed class BoardSettingsTests
{
    private const string Kitchen = """
        {"clientId":"GID_a@@@kitchen","board":"esp32-devkitc","host":"127.0.0.1","port":9
        """;

    private readonly FakeFlashFiles _files = new();

    [TestMethod]
    [DataRow("119")]
    [DataRow("\"0x77\"")]
    public void Bme280_AtItsOtherAddress_IsFoundBySetting(string address)
    {
        using PluggedBme280 part = new(Bme280.OtherAddress);
        BoardApplication application = Start($$""","address.bme280":{{address}}}""");
        application.Tick(20);

        Assert.AreEqual(SensorError.None, application.Loop!.Parts.Streams[0].Error);
    }

    [TestMethod]
    public void Interval_BySetting_IsTheStreams()
    {
        Assert.AreEqual(10_000, Start("}").Loop!.Parts.Streams[0].PeriodMs);
        Assert.AreEqual(1_500, Start(""","everyMs.climate":1500}""").Loop!.Parts.Streams[0].PeriodMs);
    }

    [TestMethod]
    public void Pins_BySetting_AreThoseThatAreDriven()
    {
        BoardApplication application = Start(""","pin.relay":13,"activeLow.relay":true,"pin.lamp":4}""");

        Assert.IsTrue(application.Pins[13].Level == PinValue.High, "off is high");
        Assert.AreEqual(PinMode.Output, application.Pins[4].Mode);
        Assert.ThrowsExactly<KeyNotFoundException>(() => application.Pins[26]);
    }

    [TestMethod]
    [DataRow("pin.relay", "6", DisplayName = "the flash's")]
    [DataRow("pin.relay", "34", DisplayName = "an input by its nature")]
    [DataRow("pin.sda", "22", DisplayName = "the other wire's")]
    [DataRow("pin.relay", "40", DisplayName = "no such pin")]
    [DataRow("pin.relay", "-1")]
    [DataRow("pin.relay", "x")]
    [DataRow("pin.relay", "1", DisplayName = "the serial line's")]
    [DataRow("pin.relay", "20", DisplayName = "not on this chip")]
    [DataRow("pin.relay", "24")]
    [DataRow("pin.button", "28")]
    [DataRow("pin.button", "31")]
    [DataRow("pin.button", "0", DisplayName = "held low, the chip waits for a program")]
    [DataRow("pin.button", "12", DisplayName = "held high, the flash gets the wrong voltage")]
    [DataRow("address.bme280", "0x78")]
    [DataRow("address.bme280", "0")]
    [DataRow("everyMs.climate", "499")]
    [DataRow("everyMs.climate", "86400001")]
    [DataRow("activeLow.relay", "yes")]
    public void Setting_ThatTheBoardCannotStartWith_IsFoundAndLeftOut(string name, string value)
    {
        OneSetting wrong = new(name, value);
        Assert.AreEqual(name, AllBoards.Find("esp32-devkitc")!.Configure(wrong));

        // On the air with its own pins, so that it can be told better.
        BoardApplication application = Start($$""","{{name}}":"{{value}}"}""");
        application.Tick(20);
        Assert.IsNotNull(application.Loop);
        Assert.AreEqual(PinMode.Output, application.Pins[26].Mode);
    }

    [TestMethod]
    public void Change_ThatTheBoardCannotStartWith_LeavesTheFileInForce()
    {
        _files.Put(FlashFileName.Changes, """{"pin.relay":"21"}""");

        Assert.AreEqual(PinMode.Output, Start(""","pin.relay":13}""").Pins[13].Mode);
    }

    [TestMethod]
    [DataRow("crash")]
    [DataRow("watchdog")]
    public void Change_NewWhenTheBoardCrashed_IsLeftOut(string cause)
    {
        _files.Put(FlashFileName.Changes, """{"pin.relay":"13"}""");
        _files.Put(FlashFileName.ResetMark, cause);

        Assert.AreEqual(PinMode.Output, Start("}").Pins[26].Mode);
    }

    [TestMethod]
    public void Change_NewInTwoBootsThatEndedWithoutASession_IsLeftOutInTheThird()
    {
        // A fault of the chip or of the runtime leaves no mark: the boots themselves are counted.
        _files.Put(FlashFileName.Changes, """{"pin.relay":"13"}""");

        Assert.AreEqual(PinMode.Output, Start("}").Pins[13].Mode);
        Assert.AreEqual(PinMode.Output, Start("}").Pins[13].Mode);
        Assert.AreEqual(PinMode.Output, Start("}").Pins[26].Mode);
    }

    [TestMethod]
    public void Change_ThatASessionBeganWith_StaysWhenALaterOneIsLeftOut()
    {
        ChangedSettings changes = New().Settings.Text;
        Assert.IsTrue(changes.TryStore("pin.relay", "13"));
        Start("}").Settings.KeepAsGood();
        Assert.IsTrue(changes.TryStore("pin.button", "14"));
        _files.Put(FlashFileName.ResetMark, "crash");

        BoardApplication application = Start("}");
        Assert.AreEqual(PinMode.Output, application.Pins[13].Mode);
        Assert.AreEqual(PinMode.InputPullUp, application.Pins[27].Mode);
    }

    [TestMethod]
    public void Change_ThatASessionBeganWith_StaysAfterACrash()
    {
        _files.Put(FlashFileName.Changes, """{"pin.relay":"13"}""");
        Start("}").Settings.KeepAsGood();
        _files.Put(FlashFileName.ResetMark, "crash");

        Assert.AreEqual(PinMode.Output, Start("}").Pins[13].Mode);
    }

    [TestMethod]
    public void LogLevel_ByCommand_IsThatOfTheNextStart()
    {
        _files.Put(FlashFileName.Changes, """{"logLevel":"error"}""");

        Assert.AreEqual(LogLevel.Error, Start("}").Loop!.Level.Level);
    }

    [TestMethod]
    public void LogLevel_ThatAnOlderFirmwareTook_DoesNotTakeTheOtherChangesWithIt()
    {
        _files.Put(FlashFileName.Changes, """{"logLevel":"loud","pin.relay":"13"}""");
        BoardApplication application = Start(""","logLevel":"debug"}""");

        Assert.AreEqual(LogLevel.Debug, application.Loop!.Level.Level);
        Assert.AreEqual(PinMode.Output, application.Pins[13].Mode);
    }

    [TestMethod]
    [DataRow("logLevel", "loud")]
    [DataRow("everyMs.soil", "5000", DisplayName = "a stream of another board")]
    [DataRow("pin.rely", "13")]
    [DataRow("address.bmp", "0x77")]
    [DataRow("activeLow.lamp", "true")]
    [DataRow("pin.relay", "24")]
    public void SettingCommand_OfWhatTheBoardDoesNotHave_IsRefused(string name, string value)
    {
        SettingCommand command = new(new OneSetting("", ""), new ChangedSettings(new OneSetting("", ""), _files), AllBoards.Find("esp32-devkitc")!);

        Assert.AreEqual(2, Execute(command, $$"""{"name":"{{name}}","value":"{{value}}"}"""));
        // What an older firmware took can still be taken back.
        Assert.AreEqual(0, Execute(command, $$"""{"name":"{{name}}","value":""}"""));
    }

    [TestMethod]
    public void SettingCommand_TriesTheChange_AndTheNextStartHasIt()
    {
        BoardApplication application = Start("}");
        SettingCommand command = new(new OneSetting("", ""), new ChangedSettings(new OneSetting("", ""), _files), AllBoards.Find("esp32-devkitc")!);
        Assert.AreEqual(2, Execute(command, """{"name":"pin.relay","value":"21"}"""), "the bus's");
        Assert.AreEqual(2, Execute(command, """{"name":"host","value":"elsewhere"}"""));
        Assert.AreEqual(0, Execute(command, """{"name":"pin.relay","value":"13"}"""));
        Assert.AreEqual(PinMode.Output, application.Pins[26].Mode);

        Assert.AreEqual(PinMode.Output, Start("}").Pins[13].Mode);
    }

    [TestMethod]
    [DynamicData(nameof(Boards))]
    public void Birth_OfABoard_FitsWithAllItCanDo(string board)
    {
        _files.Put(FlashFileName.Settings, $$"""{"clientId":"GID_a@@@kitchen","board":"{{board}}","host":"127.0.0.1","port":9}""");
        BoardApplication application = New();
        application.Start();

        // The first tick would throw.
        application.Tick(20);
    }

    [TestMethod]
    public void FreePins_AreThoseNobodyUses()
    {
        FreePins pins = new(new GpioController(), AllBoards.Find("esp32-devkitc")!);

        Assert.IsTrue(pins.IsFree(13) && pins.TryWrite(13, true) && pins.TryRead(13, out bool isHigh) && isHigh);
        Assert.IsFalse(pins.IsFree(26) || pins.IsFree(6) || pins.IsFree(1) || pins.IsFree(40) || pins.IsFree(24));
        Assert.IsTrue(pins.IsFree(34) && !pins.TryWrite(34, true));
    }

    [TestMethod]
    [DataRow(16)]
    [DataRow(17)]
    public void Pin_OfTheMemoryOutsideTheChip_IsNobodysWhereThereIsOne(int gpio)
    {
        // A module with such memory (WROVER) does not lead them out; on one without they are pins like others.
        Board board = AllBoards.Find("esp32-devkitc")!;
        FreePins pins = new(new GpioController(), board);
        Assert.IsTrue(pins.IsFree(gpio) && board.Chip.IsOutput(gpio));
        NativeMemory.SpiRamBytes = 4_194_304;
        try
        {
            Assert.IsFalse(pins.IsFree(gpio) || board.Chip.IsOutput(gpio) || pins.TryWrite(gpio, true));
            Assert.AreEqual("pin.relay", AllBoards.Find("esp32-devkitc")!.Configure(new OneSetting("pin.relay", $"{gpio}")));
            Assert.IsTrue(pins.IsFree(13) && AllBoards.Find("esp32-c3-devkitm")!.Chip.IsUsable(gpio) == Chip.Esp32C3.IsUsable(gpio));
        }
        finally
        {
            NativeMemory.SpiRamBytes = 0;
        }
    }

    [TestMethod]
    public void Switch_AtEachStart_SaysThatItIsOff()
    {
        // The gateway shows the last event: what a relay was before the restart would stay there, and a command to switch it off changes nothing.
        for (int boot = 0; boot < 2; boot++)
        {
            EventSource relay = Start("}").Loop!.Parts.Events.Single(source => source?.Name == "relay");

            Assert.IsTrue(relay.TryTake(out bool isOn, out _) && !isOn);
            Assert.IsFalse(relay.TryTake(out _, out _));
        }
    }

    [TestMethod]
    [DataRow("{", DisplayName = "torn")]
    [DataRow("", DisplayName = "cut off")]
    public void Changes_OfATornFile_ThatWorkedBeforeStayAfterACrash(string torn)
    {
        _files.Put(FlashFileName.Changes, torn);
        _files.Put(FlashFileName.LastGoodChanges, """{"pin.relay":"13"}""");
        _files.Put(FlashFileName.ResetMark, "crash");

        Assert.AreEqual(PinMode.Output, Start("}").Pins[13].Mode);
    }

    [TestMethod]
    public void FreePin_HighAndSetHighAgain_StaysHighAllTheTime()
    {
        GpioController chip = new();
        FreePins pins = new(chip, AllBoards.Find("esp32-devkitc")!);
        Assert.IsTrue(pins.TryWrite(13, true));
        int falls = chip[13].Falls;

        Assert.IsTrue(pins.TryWrite(13, true) && pins.TryRead(13, out bool isHigh) && isHigh && pins.TryWrite(13, true));

        Assert.AreEqual(falls, chip[13].Falls);
        Assert.AreEqual(PinValue.High, chip[13].Level);
        Assert.IsTrue(pins.TryWrite(13, false) && pins.TryRead(13, out bool isHighStill) && !isHighStill);
    }

    [TestMethod]
    public void FreePin_ReadThenDriven_IsReadAsItIsDriven()
    {
        GpioController chip = new();
        FreePins pins = new(chip, AllBoards.Find("esp32-devkitc")!);
        Assert.IsTrue(pins.TryRead(13, out bool isHigh) && isHigh, "pulled up");
        chip[13].Drive(PinValue.Low);
        Assert.IsTrue(pins.TryRead(13, out isHigh) && !isHigh);

        Assert.IsTrue(pins.TryWrite(13, true) && pins.TryRead(13, out isHigh) && isHigh);
        Assert.AreEqual(PinMode.Output, chip[13].Mode);
    }

    public static IEnumerable<object[]> Boards() => AllBoards.Make().Select(board => new object[] { board.Name });

    private static int Execute(SettingCommand command, string args)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes($$"""{"id":1,"cmd":"setting.set","args":{{args}},"from":"op"}""");
        Wire.CommandEnvelope envelope = new();
        Assert.IsTrue(envelope.TryRead(json, 0, json.Length));
        Wire.FlatJsonWriter result = new(256);
        result.Begin();
        return command.Execute(new CommandArguments(envelope), result);
    }

    private BoardApplication Start(string more)
    {
        _files.Put(FlashFileName.Settings, Kitchen.TrimEnd() + more);
        BoardApplication application = New();
        application.Start();
        return application;
    }

    private BoardApplication New() => new(_files, new FakeRingFile(DeviceLimits.FlashFileBytes), new FakeRingFile(DeviceLimits.CommandFileBytes));

    private sealed class OneSetting(string name, string value) : ISettings
    {
        public string? Read(string asked) => asked == name ? value : null;
    }
}
