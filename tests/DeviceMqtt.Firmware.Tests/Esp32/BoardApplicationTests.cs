using System.Xml.Linq;
using DeviceMqtt.Device.Esp32;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>A board from power-on, with its flash in a folder.</summary>
[TestClass]
[DoNotParallelize]
public sealed class BoardApplicationTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-flash").FullName + Path.DirectorySeparatorChar;

    [TestCleanup]
    public void Erase() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("esp32-devkitc")]
    [DataRow("esp32-c3-devkitm")]
    [DataRow("huzzah32")]
    public void Board_WithItsSettings_StartsAndTriesToConnect(string board)
    {
        // Port 9 of the loopback: nobody listens there.
        Provision($$"""{"clientId":"GID_a@@@kitchen","board":"{{board}}","host":"127.0.0.1","port":9}""");
        BoardApplication application = New();

        application.Start();
        application.Tick(20);
        application.Tick(40);

        Assert.IsNotNull(application.Loop);
        Assert.AreNotEqual(LinkState.Up, application.Loop.Link);
        Assert.IsGreaterThan(0, application.Record.BootId);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("{\"clientId\":\"GID_a@@@kit")]
    [DataRow("\0\0\0\0")]
    [DataRow("{\"clientId\":\"k\",\"board\":\"toaster\",\"host\":\"h\"}")]
    public void Board_WithoutUsableSettings_StaysInItsSafeState(string? settings)
    {
        if (settings is not null)
        {
            Provision(settings);
        }

        BoardApplication application = New();
        application.Start();

        Assert.IsFalse(application.Tick(0));
        Assert.IsFalse(application.Tick(10_000));
        Assert.IsNull(application.Loop);
    }

    [TestMethod]
    public void Board_WithAWrongFile_RunsOnTheLastGoodSettings()
    {
        Provision("{");
        File.WriteAllText(_folder + "settings.good", """{"clientId":"GID_a@@@cellar","board":"esp32-devkitc","host":"127.0.0.1","port":9}""");
        BoardApplication application = New();

        application.Start();

        Assert.IsNotNull(application.Loop);
    }

    [TestMethod]
    public void SafeState_Lamp_IsOnAPinThatNoBoardUsesForAnythingElse()
    {
        foreach (Board board in AllBoards.Make())
        {
            Assert.IsFalse(
                board.Pins.Any(pin => pin.Gpio == SafeState.LampGpio && pin != board.Lamp), $"{board.Name} uses GPIO {SafeState.LampGpio}");
        }
    }

    [TestMethod]
    public void FirmwareVersion_IsTheOneOfTheRepository()
    {
        XDocument props = XDocument.Load(Path.Combine(RepositoryRoot.Path, "Directory.Build.props"));

        Assert.AreEqual(FirmwareVersion.Text, props.Descendants("Version").Single().Value);
    }

    [TestMethod]
    public void Flash_FileThatIsNotThere_IsNull()
    {
        FlashFiles files = new(_folder);

        Assert.IsNull(files.Read("nothing", 100));
        Assert.IsTrue(files.TryWrite("something", [1, 2, 3]));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, files.Read("something", 3));
        Assert.IsNull(files.Read("something", 2), "longer than asked for");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    [DataRow(5)]
    [DataRow(900)]
    public void Flash_ContentOfAnotherLength_IsWhatIsReadThen(int bytes)
    {
        FlashFiles files = new(_folder);
        byte[] content = [.. Enumerable.Range(1, bytes).Select(static i => (byte)i)];

        Assert.IsTrue(files.TryWrite("something", [9, 9, 9, 9]));
        Assert.IsTrue(files.TryWrite("something", content));

        CollectionAssert.AreEqual(content, files.Read("something", 1_000));
    }

    [TestMethod]
    public void Flash_WhatMustNotBeLost_IsAlwaysOfOneLength()
    {
        // Only then a power cut leaves the one or the other, and no empty file.
        FlashFiles files = new(_folder);
        BootRecord record = new(files);
        ChangedSettings changes = new(new SettingsText(), files);
        HashSet<long> marks = [];
        HashSet<long> lengths = [];
        foreach (string word in (string[])[BootRecord.Watchdog, BootRecord.Crash, BootRecord.Reset, BootRecord.Planned, "unknown", "trial", "trial2"])
        {
            record.MarkRestart(word);
            marks.Add(new FileInfo(_folder + FlashFileName.ResetMark).Length);
            Assert.IsTrue(changes.TryStore("pin." + word, word));
            lengths.Add(new FileInfo(_folder + FlashFileName.Changes).Length);
        }

        Assert.HasCount(1, marks);
        Assert.HasCount(1, lengths);
    }

    [TestMethod]
    public void Network_HangsForEver_BoardRestartsAsByTheWatchdog()
    {
        Provision("""{"clientId":"GID_a@@@kitchen","board":"esp32-devkitc","host":"127.0.0.1","port":9,"tls":true}""");
        using HeldFlash flash = new(new FlashFiles(_folder));
        BoardApplication application = New(flash);
        application.Start();
        long nowMs = 0;
        bool isOver = application.Tick(nowMs);
        Assert.IsTrue(flash.Arrived.Wait(Patience.Limit), "the first attempt");
        while (!isOver && nowMs < 10 * DeviceLimits.ConnectMs)
        {
            nowMs += 1000;
            isOver = application.Tick(nowMs);
        }

        flash.Released.Set();
        Assert.IsTrue(flash.Arrived.Wait(Patience.Limit), "the second, which had waited for the first");
        Assert.IsTrue(isOver);
        Assert.AreEqual(BootRecord.Watchdog, application.RestartCause());
    }

    [TestMethod]
    public void Flash_ThatFails_IsSaid()
    {
        FlashFiles files = new(Path.Combine(_folder, "no", "such", "folder") + Path.DirectorySeparatorChar);

        Assert.IsNull(files.Read("settings.json", 100));
        Assert.IsFalse(files.TryWrite("settings.json", [1]));
    }

    [TestMethod]
    public void BatteryBoard_GatewayAway_KeepsItsReadingsOverTheSleep()
    {
        Provision("""{"clientId":"GID_a@@@kitchen","board":"huzzah32","host":"127.0.0.1","port":9}""");
        for (int boot = 0; boot < 3; boot++)
        {
            BoardApplication application = New();
            application.Start();
            // Readings of the first boots: soil and battery each time, and no BME280 on this bench.
            Assert.AreEqual(2 * boot, application.Loop!.PendingMessages);

            long nowMs = 0;
            while (!application.Tick(nowMs))
            {
                nowMs += 1000;
            }

            Assert.IsLessThan(SleepPlan.AwakeMaxMs + 5_000, nowMs);
        }
    }

    [TestMethod]
    public void Board_AwakeForMoreThanAYear_RestartsBeforeItsClockRunsOut()
    {
        const long DayMs = 86_400_000;
        Provision("""{"clientId":"GID_a@@@kitchen","board":"esp32-devkitc","host":"127.0.0.1","port":9}""");
        BoardApplication application = New();
        application.Start();
        Assert.IsFalse(application.Tick(399 * DayMs));
        // Without a gateway no moment is quiet, so it waits; 497 days are all that the runtime can count.
        Assert.IsFalse(application.Tick(401 * DayMs));

        Assert.IsFalse(application.Tick(450 * DayMs), "asked to stop");
        Assert.IsTrue(application.Tick((450 * DayMs) + 20));
    }

    [TestMethod]
    public void SafeState_ForMoreThanAYear_RestartsToo()
    {
        BoardApplication application = New();
        application.Start();
        Assert.IsFalse(application.Tick(399L * 86_400_000));

        Assert.IsTrue(application.Tick(450L * 86_400_000));
    }

    private BoardApplication New() => New(new FlashFiles(_folder));

    private BoardApplication New(IFlashFiles files) => new(files, new FlashRingFile(_folder + FlashFileName.Outbox, DeviceLimits.FlashFileBytes), new FlashRingFile(_folder + FlashFileName.Commands, DeviceLimits.CommandFileBytes));

    private void Provision(string settings) => File.WriteAllText(_folder + "settings.json", settings);

    /// <summary>Flash from which the certificate does not come: an attempt hangs there, as it can in the network.</summary>
    private sealed class HeldFlash(IFlashFiles files) : IFlashFiles, IDisposable
    {
        internal SemaphoreSlim Arrived { get; } = new(0);

        internal ManualResetEventSlim Released { get; } = new(false);

        public byte[]? Read(string name, int bytesMax)
        {
            if (name != FlashFileName.CaCertificate)
            {
                return files.Read(name, bytesMax);
            }

            Arrived.Release();
            Released.Wait(Patience.Limit);
            throw new InvalidOperationException("released");
        }

        public bool TryWrite(string name, byte[] content) => files.TryWrite(name, content);

        public void Dispose()
        {
            Arrived.Dispose();
            Released.Dispose();
        }
    }
}
