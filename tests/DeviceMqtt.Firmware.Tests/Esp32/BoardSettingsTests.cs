using System.Device.Gpio;
using DeviceMqtt.Device.Esp32;

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

        Assert.IsTrue(application.Pins[13].Read() == PinValue.High, "off is high");
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
        Assert.IsFalse(pins.IsFree(26) || pins.IsFree(6) || pins.IsFree(1) || pins.IsFree(40));
        Assert.IsTrue(pins.IsFree(34) && !pins.TryWrite(34, true));
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
