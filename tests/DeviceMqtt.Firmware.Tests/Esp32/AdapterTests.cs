using System.Device.Gpio;
using System.Device.I2c;
using DeviceMqtt.Device.Esp32;
using nanoFramework.Hardware.Esp32;
using nanoFramework.Hardware.Esp32.Rmt;
using nanoFramework.Runtime.Native;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>The thin side of the adapters, on stand-ins of the chip: what they do when it does not do what it should.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AdapterTests
{
    private static readonly BoardPin Data = new("sda", "IO21", 21, "SDA", PinRole.Output);
    private static readonly BoardPin Clock = new("scl", "IO22", 22, "SCL", PinRole.Output);

    private readonly FakeFlashFiles _files = new();
    private readonly double[] _values = new double[3];

    [TestCleanup]
    public void Unplug()
    {
        I2cDevice.Parts = null;
        ReceiverChannel.Pulses = null;
        Power.Reboot = null;
        Sleep.FallAsleep = null;
        Sleep.Cause = Sleep.WakeupCause.Undefined;
    }

    [TestMethod]
    public void I2cBus_Hangs_CostsOneTransferAndThenRests()
    {
        int transfers = 0;
        I2cDevice.Parts = (_, _, _) =>
        {
            transfers++;
            return I2cTransferStatus.ClockStretchTimeout;
        };
        I2cBus bus = new(Data, Clock);
        Bme280 first = new(bus.Part(Bme280.Address));
        Bme280 second = new(bus.Part(Bme280.OtherAddress));

        Assert.AreEqual(SensorError.CommunicationFailed, first.Setup());
        Assert.AreEqual(SensorError.CommunicationFailed, second.Setup());

        Assert.AreEqual(1, transfers);
        Assert.IsTrue(bus.IsResting);
    }

    [TestMethod]
    public void I2cPart_NotThere_IsNotFoundAndTheBusGoesOn()
    {
        I2cBus bus = new(Data, Clock);

        Assert.AreEqual(SensorError.NotFound, new Bme280(bus.Part(Bme280.Address)).Setup());
        Assert.IsFalse(bus.IsResting);
        Assert.AreEqual(21, Configuration.GetFunctionPin(DeviceFunction.I2C1_DATA));
        Assert.AreEqual(22, Configuration.GetFunctionPin(DeviceFunction.I2C1_CLOCK));
    }

    [TestMethod]
    public void I2cPart_Throws_IsAFailureOfThePart()
    {
        I2cDevice.Parts = (_, _, _) => throw new InvalidOperationException("driver");

        Assert.AreEqual(SensorError.CommunicationFailed, new Bme280(new I2cBus(Data, Clock).Part(Bme280.Address)).Setup());
    }

    [TestMethod]
    public void Bme280_OnTheBus_IsReadThroughItsRegisters()
    {
        byte[] registers = new byte[256];
        registers[0xD0] = 0x60;
        I2cDevice.Parts = (address, written, read) =>
        {
            Assert.AreEqual(Bme280.Address, address);
            Array.Copy(registers, written[0], read, 0, read.Length);
            return I2cTransferStatus.FullTransfer;
        };
        Bme280 sensor = new(new I2cBus(Data, Clock).Part(Bme280.Address));

        Assert.AreEqual(SensorError.None, sensor.Setup());
        // A part whose calibration is all zeros would measure nonsense: it is asked again until the stream gives it up.
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(SensorError.Pending, sensor.Read(_values));
        }
    }

    [TestMethod]
    public void Adapters_ReadOverAndOver_AllocateNothing()
    {
        using PluggedBme280 part = new();
        GpioController pins = new();
        Bme280 climate = new(new I2cBus(Data, Clock).Part(Bme280.Address));
        AnalogSensor battery = AnalogSensor.Battery(new AnalogPin(new System.Device.Adc.AdcController(), 7), 3.3, 2);
        LoopGuard guard = new(new BootRecord(_files));
        PinWatchdog watchdog = new(pins, 4);
        Lamp lamp = new(new OutputPin(pins, 2, isActiveLow: false));
        climate.Setup();

        long before = 0;
        for (int i = 0; i < 2_000; i++)
        {
            // What is opened at the first reading is not counted.
            before = i == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            climate.Read(_values);
            battery.Read(_values);
            guard.Feed();
            watchdog.Feed();
            lamp.Show(LampSignal.Connecting, i * 20);
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void PulseLine_WithAPart_GivesTheTimesItWasHigh()
    {
        GpioController pins = new();
        PulseLine line = new(pins, new BoardPin("listen", "IO4", 4, "DHT22.DATA", PinRole.Input), new BoardPin("pull", "IO5", 5, "DHT22.DATA", PinRole.Output));
        ReceiverChannel.Pulses = pin => pin == 4
            ? [new RmtCommand(30, level0: true, 80, level1: false), new RmtCommand(80, level0: true, 50, level1: false), new RmtCommand(27, level0: true, 0, level1: false)]
            : null;
        int[] highs = new int[8];

        line.PullDown();
        Assert.AreEqual(PinMode.Output, pins[5].Mode);
        line.Listen();
        Assert.AreEqual(PinMode.InputPullUp, pins[5].Mode);
        int count = line.Fetch(highs);

        CollectionAssert.AreEqual(new[] { 30, 80, 27 }, highs[..count]);
        Assert.AreEqual(0, line.Fetch(highs), "nothing is measured until it listens again");
    }

    [TestMethod]
    public void Contact_PressedAndReleased_PostsEachEdgeOnce()
    {
        GpioController pins = new();
        EventSource events = new("button", "pressed");
        _ = new InputPin(pins, 27, events);

        pins[27].Drive(PinValue.Low);
        pins[27].Drive(PinValue.High);

        Assert.AreEqual(PinMode.InputPullUp, pins[27].Mode);
        Assert.AreEqual(30, pins[27].DebounceTimeout.TotalMilliseconds);
        Assert.AreEqual("True False", Drain(events));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Output_Opened_IsOffUntilItIsSwitched(bool isActiveLow)
    {
        GpioController pins = new();
        OutputPin output = new(pins, 26, isActiveLow);

        Assert.AreEqual(isActiveLow, pins[26].Level == PinValue.High);
        Assert.IsTrue(output.TryWrite(isOn: true));
        Assert.AreEqual(!isActiveLow, pins[26].Level == PinValue.High);
    }

    [TestMethod]
    public void Output_Closed_SaysSo()
    {
        GpioController pins = new();
        OutputPin output = new(pins, 26, isActiveLow: false);
        pins[26].Dispose();

        Assert.IsFalse(output.TryWrite(isOn: true));
    }

    [TestMethod]
    public void Loop_Silent_RestartsTheBoardWhichKnowsWhy()
    {
        bool restarted = false;
        Power.Reboot = () => restarted = true;
        BootRecord record = new(_files);
        LoopGuard guard = new(record);
        long now = Environment.TickCount64;

        Assert.IsFalse(guard.Look(now + LoopGuard.SilenceMaxMs - 1000));
        Assert.IsFalse(restarted);
        Assert.IsTrue(guard.Look(now + LoopGuard.SilenceMaxMs + 1000));
        Assert.IsTrue(restarted);

        BootRecord next = new(_files);
        next.Begin();
        Assert.AreEqual("watchdog", next.ResetCause);
        BootRecord afterThat = new(_files);
        afterThat.Begin();
        Assert.AreEqual("unknown", afterThat.ResetCause);
        Assert.AreEqual(next.BootId + 1, afterThat.BootId);
    }

    [TestMethod]
    public void Boot_FlashFailsOrWasErased_HasAnotherNumberEachTime()
    {
        // Were it 1 each time, the readings of this boot would be placed in the time of one that was long ago.
        _files.FailsToWrite = true;
        HashSet<long> numbers = [];
        for (int i = 0; i < 20; i++)
        {
            BootRecord record = new(_files);
            record.Begin();
            Assert.IsTrue(numbers.Add(record.BootId), $"{record.BootId} came before");
        }
    }

    [TestMethod]
    public void Boot_AfterSleep_KnowsIt()
    {
        Sleep.Cause = Sleep.WakeupCause.Timer;
        BootRecord record = new(_files);
        record.Begin();

        Assert.AreEqual("sleep", record.ResetCause);
    }

    [TestMethod]
    public void WatchdogChip_Fed_SeesItsInputChange()
    {
        GpioController pins = new();
        PinWatchdog watchdog = new(pins, 4);
        watchdog.Feed();
        bool first = pins[4].Level == PinValue.High;
        watchdog.Feed();

        Assert.AreNotEqual(first, pins[4].Level == PinValue.High);
    }

    [TestMethod]
    public void Sleep_Asked_IsForThatLong()
    {
        bool fell = false;
        Sleep.FallAsleep = () => fell = true;
        DeepSleep.Begin(900);

        Assert.IsTrue(fell);
        Assert.AreEqual(TimeSpan.FromMinutes(15), Sleep.WakeUpAfter);
    }

    [TestMethod]
    [DataRow("Connected", "##########")]
    [DataRow("Connecting", "#####.....")]
    [DataRow("LastGoodSettings", "#.#.......")]
    [DataRow("NoSettings", "#.#.#.....")]
    public void Lamp_OfEachSignal_HasItsPattern(string signal, string pattern)
    {
        LampSignal lamp = Enum.Parse<LampSignal>(signal);
        int stepMs = lamp == LampSignal.Connecting ? 100 : 150;

        string seen = string.Concat(Enumerable.Range(0, 10).Select(i => Lamp.IsLit(lamp, (i * stepMs) + 10) ? '#' : '.'));

        Assert.AreEqual(pattern, seen);
    }

    private static string Drain(EventSource events)
    {
        List<bool> values = [];
        while (events.TryTake(out bool value, out _))
        {
            values.Add(value);
        }

        return string.Join(' ', values);
    }
}
