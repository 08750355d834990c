using System.Runtime.Versioning;
using DeviceMqtt.Device.Esp32;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Firmware.Tests.Provisioning;

/// <summary><c>device add</c>: what it writes is what a board reads, and lets that board in.</summary>
[TestClass]
[DoNotParallelize]
public sealed class DeviceAddTests
{
    [TestMethod]
    public void Boards_OfTheCommand_AreThoseOfTheFirmware() =>
        CollectionAssert.AreEquivalent(AllBoards.Names(), DeviceBoards.Names);

    [TestMethod]
    public async Task Add_ABoardOnItsFiles_TellsItsBirthWhichTheWaitSees()
    {
        await using ProvisionedGateway gateway = await ProvisionedGateway.StartAsync();
        Assert.AreEqual(0, gateway.Add("kitchen", "esp32-devkitc"));
        string flash = gateway.FolderOf("kitchen") + Path.DirectorySeparatorChar;
        TaskCompletionSource ready = new();
        BirthWatch watch = new(GatewayDoor.In(gateway.Data), "dm", "kitchen");
        Task<string> birth = watch.WaitAsync(ready.SetResult, CancellationToken.None);
        await ready.Task.WaitAsync(Patience.Limit);

        BoardApplication application = new(
            new FlashFiles(flash), new FlashRingFile(flash + FlashFileName.Outbox, DeviceLimits.FlashFileBytes), new FlashRingFile(flash + FlashFileName.Commands, DeviceLimits.CommandFileBytes));
        application.Start();
        long nowMs = 0;
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        while (!birth.IsCompleted && nowMs < 60_000)
        {
            application.Tick(nowMs += 10);
            await timer.WaitForNextTickAsync();
        }

        Assert.StartsWith("{\"id\":\"GID_home@@@kitchen\",", await birth.WaitAsync(Patience.Limit), StringComparison.Ordinal);
        application.Loop!.RequestStop();
        while (!application.Loop.IsStopped)
        {
            application.Loop.Tick(nowMs += 10);
            await timer.WaitForNextTickAsync();
        }
    }

    [TestMethod]
    [UnsupportedOSPlatform("windows")]
    public async Task Add_Files_AreReadableByTheirOwnerAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("modes of files are those of Unix");
        }

        await using ProvisionedGateway gateway = await ProvisionedGateway.StartAsync();
        Assert.AreEqual(0, gateway.Add("kitchen", "huzzah32"));

        string[] secrets = [.. Directory.EnumerateFiles(gateway.FolderOf("kitchen")), Path.Combine(gateway.Data, UserFile.Name)];
        Assert.HasCount(3, secrets);
        foreach (string file in secrets)
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file), file);
        }

        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(gateway.FolderOf("kitchen")));
        SettingsText settings = new();
        Assert.IsTrue(settings.TryParse(File.ReadAllBytes(Path.Combine(gateway.FolderOf("kitchen"), DeviceFolder.Settings))));
        Assert.AreEqual("Käse \"5\"", settings.Read(SettingName.Ssid));
        string stored = File.ReadAllText(Path.Combine(gateway.Data, UserFile.Name));
        Assert.DoesNotContain(settings.Read(SettingName.Password)!, stored, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Add_IntoASourceTree_WritesNothing()
    {
        await using ProvisionedGateway gateway = await ProvisionedGateway.StartAsync();
        string tree = Path.Combine(gateway.Data, "tree");
        Directory.CreateDirectory(Path.Combine(tree, ".git"));

        Assert.AreEqual(2, gateway.Add("kitchen", "huzzah32", "--out", Path.Combine(tree, "some", "where")));

        Assert.IsFalse(Directory.Exists(Path.Combine(tree, "some")));
        Assert.IsFalse(File.Exists(Path.Combine(gateway.Data, UserFile.Name)));
    }

    [TestMethod]
    public async Task Add_Twice_NeedsReplaceAndMakesAnotherPassword()
    {
        await using ProvisionedGateway gateway = await ProvisionedGateway.StartAsync();
        Assert.AreEqual(0, gateway.Add("kitchen", "huzzah32"));
        string before = File.ReadAllText(Path.Combine(gateway.FolderOf("kitchen"), DeviceFolder.Settings));

        Assert.AreEqual(2, gateway.Add("kitchen", "huzzah32"));
        Assert.AreEqual(before, File.ReadAllText(Path.Combine(gateway.FolderOf("kitchen"), DeviceFolder.Settings)));
        Assert.AreEqual(0, gateway.Add("kitchen", "huzzah32", "--replace"));
        Assert.AreNotEqual(before, File.ReadAllText(Path.Combine(gateway.FolderOf("kitchen"), DeviceFolder.Settings)));
    }

    [TestMethod]
    [DataRow("a/b")]
    [DataRow("#")]
    [DataRow("$x")]
    [DataRow("a-name-that-is-far-too-long-for-the-sixty-four-characters-of-a-topic-name")]
    public async Task Add_NameThatNoTopicTakes_IsRefused(string name)
    {
        await using ProvisionedGateway gateway = await ProvisionedGateway.StartAsync();

        Assert.AreNotEqual(0, gateway.Add(name, "huzzah32"));

        Assert.IsFalse(File.Exists(Path.Combine(gateway.Data, UserFile.Name)));
    }

    [TestMethod]
    public async Task Remove_OneOfTwo_ForgetsThatUserAndItsFiles()
    {
        await using ProvisionedGateway gateway = await ProvisionedGateway.StartAsync();
        Assert.AreEqual(0, gateway.Add("kitchen", "huzzah32"));
        Assert.AreEqual(0, gateway.Add("cellar", "huzzah32"));

        Assert.AreEqual(0, ProvisionedGateway.Run("remove", "kitchen", "--data", gateway.Data));

        CollectionAssert.AreEqual(new[] { "cellar" }, new UserFile(gateway.Data).Users.Keys.ToArray());
        Assert.IsFalse(Directory.Exists(gateway.FolderOf("kitchen")));
        Assert.AreEqual(1, ProvisionedGateway.Run("remove", "kitchen", "--data", gateway.Data));
    }
}
