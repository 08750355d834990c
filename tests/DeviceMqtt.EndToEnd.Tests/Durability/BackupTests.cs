using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>A backup of a gateway that runs holds everything that was acknowledged until it began; what is damaged is never restored.</summary>
[TestClass]
public sealed class BackupTests
{
    private const int Before = 2_000;

    [TestMethod]
    public async Task Backup_WhileAPublisherRuns_EverythingAcknowledgedUntilItBeganIsInIt()
    {
        using TestFolder folder = new();
        await using KillableGateway gateway = await KillableGateway.Start();
        await Subscribe(gateway, clean: false);
        KeepingPublisher publisher = new(gateway, "publisher", "b/numbers", qos: 1) { PayloadBytes = 500 };
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        publisher.Progress = () =>
        {
            if (publisher.Acknowledged.Count >= Before)
                reached.TrySetResult();
        };
        Task publishing = publisher.Run();
        await reached.Task.WaitAsync(Patience.Default);
        int acknowledged = publisher.Acknowledged.Count;

        string file = folder.File("gateway.backup");
        Assert.AreEqual(0, (await Run("backup", file, "--data", gateway.DataFolder)).ExitCode);
        Assert.IsFalse(publishing.IsCompleted, "the publisher was disturbed");
        await gateway.Kill();
        await publishing;

        string restored = folder.File("restored");
        (int exitCode, string said) = await Run("restore", file, "--data", restored);
        Assert.AreEqual(0, exitCode, said);
        Assert.AreEqual(0, (await Run("journal", "verify", restored)).ExitCode);
        await using ChildProcess process = GatewayProcess.Launch(["--data", restored, "--listen", $"127.0.0.1:{gateway.Port}", "--http", "off"]);
        await process.Output.WaitFor(static line => line.StartsWith("listening mqtt", StringComparison.Ordinal), "listening mqtt");
        HashSet<int> found = await Take(gateway, acknowledged);
        int[] lost = [.. publisher.Acknowledged.Take(acknowledged).Where(number => !found.Contains(number))];
        Assert.IsEmpty(lost, $"{lost.Length} of {acknowledged} messages that were acknowledged before are not in the backup");
    }

    [TestMethod]
    public async Task Backup_KilledInTheMiddle_NoFileUnderItsNameAndTheNextOneWorks()
    {
        using TestFolder folder = new();
        await using KillableGateway gateway = await KillableGateway.Start();
        await Subscribe(gateway, clean: false);
        await new KeepingPublisher(gateway, "publisher", "b/numbers", qos: 1) { PayloadBytes = 20_000 }.Run(countMax: 1_000);
        string file = folder.File("gateway.backup");
        using FileSystemWatcher watcher = new(folder.Path) { EnableRaisingEvents = true };
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, _) => begun.TrySetResult();

        // It comes to this file first, and can read it only when somebody writes: however late the kill comes, it is in the middle.
        string held = Path.Combine(gateway.DataFolder, "a-pipe");
        await using (ChildProcess make = ChildProcess.Start(OutsideProgram.Require("mkfifo", "coreutils"), [held]))
            Assert.AreEqual(0, await make.WaitForExit(), make.Transcript());

        await using (ChildProcess backup = GatewayProcess.LaunchExactly(["backup", file, "--data", gateway.DataFolder]))
        {
            await begun.Task.WaitAsync(Patience.Default);
            Assert.IsFalse(backup.HasExited, backup.Transcript());
            await backup.Kill();
        }

        File.Delete(held);
        Assert.IsFalse(File.Exists(file), "half a file has the name");
        (int exitCode, string said) = await Run("backup", file, "--data", gateway.DataFolder);
        Assert.AreEqual(0, exitCode, said);
        Assert.AreSequenceEqual([file], Directory.GetFileSystemEntries(folder.Path), "what the first one left is still there");
        Assert.AreEqual(0, (await Run("status", "--data", gateway.DataFolder)).ExitCode);
    }

    [TestMethod]
    public async Task Restore_FolderInUseOrBackupDamaged_OneLineAndNothingIsThere()
    {
        using TestFolder folder = new();
        await using KillableGateway gateway = await KillableGateway.Start();
        await Subscribe(gateway, clean: false);
        await new KeepingPublisher(gateway, "publisher", "b/numbers", qos: 1).Run(countMax: 100);
        string file = folder.File("gateway.backup");
        Assert.AreEqual(0, (await Run("backup", file, "--data", gateway.DataFolder)).ExitCode);
        byte[] bytes = await File.ReadAllBytesAsync(file);

        await AssertRefused("is not empty, ", file, gateway.DataFolder);
        string empty = folder.File("empty");
        await AssertRefused("is no sound backup: ", folder.Write("text.backup", "no backup"), empty);
        await AssertRefused("there is no file ", folder.File("none.backup"), empty);
        for (int share = 1; share <= 9; share++)
        {
            int at = bytes.Length * share / 10;
            string cut = folder.File("cut.backup");
            await File.WriteAllBytesAsync(cut, bytes[..at]);
            await AssertRefused("is no sound backup: ", cut, empty);
            byte[] flipped = [.. bytes];
            flipped[at] ^= 0x10;
            await File.WriteAllBytesAsync(cut, flipped);
            await AssertRefused("is no sound backup: ", cut, empty);
            Assert.IsEmpty(Directory.GetFileSystemEntries(empty), "something was left");
        }

        Assert.AreEqual(0, (await Run("restore", file, "--data", empty)).ExitCode);
    }

    [TestMethod]
    public async Task Backup_OfAStoppedGatewayAndUpgradeCheck_ReadWhatIsThere()
    {
        using TestFolder folder = new();
        await using KillableGateway gateway = await KillableGateway.Start();
        await Subscribe(gateway, clean: false);
        await new KeepingPublisher(gateway, "publisher", "b/numbers", qos: 1).Run(countMax: 100);
        await gateway.Kill();

        (int exitCode, string said) = await Run("backup", folder.File("gateway.backup"), "--data", gateway.DataFolder);
        Assert.AreEqual(0, exitCode, said);
        (exitCode, said) = await Run("upgrade-check", "--data", gateway.DataFolder);
        Assert.AreEqual(0, exitCode, said);
        StringAssert.Contains(said, "it would start", StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(gateway.DataFolder, "gateway.json"), "{ \"Limits\": { \"NoSuch\": 1 } }");
        await File.WriteAllTextAsync(Path.Combine(gateway.DataFolder, "users.json"), "[");
        (exitCode, said) = await Run("upgrade-check", "--data", gateway.DataFolder);
        Assert.AreEqual(1, exitCode, said);
        StringAssert.Contains(said, "settings: NOT as it should be: ", StringComparison.Ordinal);
        StringAssert.Contains(said, "users: NOT as it should be: ", StringComparison.Ordinal);
    }

    // Its users may not be in their place yet.
    [TestMethod]
    public async Task Run_InAFolderWhereARestoreWasCutShort_OneLineAndNothingIsMade()
    {
        using TestFolder folder = new();
        string data = folder.File("data");
        _ = Directory.CreateDirectory(Path.Combine(data, ".restored"));
        await using ChildProcess run = GatewayProcess.LaunchExactly(["run", "--data", data, "--listen", "127.0.0.1:0", "--http", "off"]);
        Assert.AreEqual(2, await run.WaitForExit(), run.Transcript());
        StringAssert.Contains(Assert.ContainsSingle(run.Errors.Items, run.Transcript()), "a restore into it was cut short", StringComparison.Ordinal);
        foreach (string[] command in (string[][])[["user", "list"], ["backup", folder.File("next.backup")], ["status"]])
        {
            (int exitCode, string said) = await Run([.. command, "--data", data]);
            Assert.AreNotEqual(0, exitCode, said);
            StringAssert.Contains(said, "a restore into it was cut short", StringComparison.Ordinal);
        }

        Assert.AreSequenceEqual([Path.Combine(data, ".restored")], Directory.GetFileSystemEntries(data));
    }

    private static async Task AssertRefused(string why, string file, string data)
    {
        await using ChildProcess restore = GatewayProcess.LaunchExactly(["restore", file, "--data", data]);
        Assert.AreEqual(1, await restore.WaitForExit(), restore.Transcript());
        StringAssert.Contains(Assert.ContainsSingle(restore.Errors.Items, restore.Transcript()), why, StringComparison.Ordinal);
    }

    private static async Task Subscribe(BrokerUnderTest gateway, bool clean)
    {
        await using RawMqtt keeper = await RawMqtt.Open(gateway);
        await keeper.Send(RawBytes.Connect("keeper", clean));
        _ = await keeper.Next(RawType.ConnAck);
        await keeper.Send(RawBytes.Subscribe(1, 1, "b/#"));
        _ = await keeper.Next(RawType.SubAck);
    }

    // All that waits for the keeper, at least so many.
    private static async Task<HashSet<int>> Take(BrokerUnderTest gateway, int count)
    {
        HashSet<int> found = [];
        await using MosquittoSub keeper = MosquittoSub.Launch(gateway, new SubscriberOptions { ClientId = "keeper", CleanSession = false, QoS = 1 }, "b/#");
        foreach (ReceivedMessage message in await keeper.Messages.WaitForCount(count))
            found.Add(int.Parse(message.Text.Trim(), CultureInfo.InvariantCulture));
        return found;
    }

    private static async Task<(int ExitCode, string Said)> Run(params string[] words)
    {
        await using ChildProcess command = GatewayProcess.LaunchExactly(words);
        return (await command.WaitForExit(), command.Transcript());
    }
}
