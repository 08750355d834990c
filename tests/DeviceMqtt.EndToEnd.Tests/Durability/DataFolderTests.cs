using System.Globalization;
using System.Text.RegularExpressions;
using DeviceMqtt.EndToEnd.Tests.CommandLine;
using DeviceMqtt.Journal;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>The data folder as its owner sees it: the commands that look into it, and folders that a gateway refuses.</summary>
[TestClass]
public sealed partial class DataFolderTests
{
    private const int Messages = 5;

    [TestMethod]
    public async Task Commands_OnASoundFolder_ShowWhatIsInIt()
    {
        await using KillableGateway gateway = await Filled();
        await gateway.Kill();

        (int exitCode, string verify) = await gateway.Inspect("journal", "verify");
        Assert.AreEqual(0, exitCode, verify);
        Assert.EndsWith("sound", verify.Trim(), StringComparison.Ordinal);

        (exitCode, string dump) = await gateway.Inspect("journal", "dump");
        Assert.AreEqual(0, exitCode, dump);
        Assert.Contains("sleeper", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", dump, StringComparison.Ordinal, "payloads are nobody's business");

        (exitCode, string ledger) = await gateway.Inspect("ledger");
        Assert.AreEqual(0, exitCode, ledger);
        Assert.MatchesRegex(SessionLine(), ledger);
    }

    // Whoever goes back to the version before may find records that it does not know.
    [TestMethod]
    public async Task Folder_WithARecordOfANewerVersion_RefusedInOneLineWithTheWayOut()
    {
        await using KillableGateway gateway = await Filled();
        await gateway.Kill();
        await using (RecordJournal journal = RecordJournal.Open(new DirectoryStorage(Path.Combine(gateway.DataFolder, "journal")), new JournalOptions(), new AllIsNeeded()))
        {
            Assert.AreEqual(AppendResult.Appended, journal.TryAppend([250], RecordLife.Event, reserve: true, out _));
            journal.Commit();
        }

        await using ChildProcess refused = GatewayProcess.Launch(["--listen", "127.0.0.1:0", "--http", "off", "--data", gateway.DataFolder]);
        Assert.AreEqual(1, await refused.WaitForExit(), refused.Transcript());
        string line = Assert.ContainsSingle(refused.Errors.Items);
        Assert.Contains("a record of kind 250, which this version does not know", line, StringComparison.Ordinal);
        Assert.Contains("Install that version again", line, StringComparison.Ordinal);
    }

    private sealed class AllIsNeeded : IJournalReplay
    {
        public void Snapshot(ReadOnlySpan<byte> state, long upTo)
        {
        }

        public void Record(long position, RecordLife life, ReadOnlySpan<byte> record)
        {
        }

        public bool IsLive(long position) => true;
    }

    [TestMethod]
    public async Task Folder_Damaged_RefusedWithFileAndHintAndSalvaged()
    {
        await using KillableGateway gateway = await Filled();
        await gateway.Kill();
        string segment = Damage(gateway.DataFolder, "secret 2"u8);

        await using (ChildProcess refused = GatewayProcess.Launch(["--listen", "127.0.0.1:0", "--http", "off", "--data", gateway.DataFolder]))
        {
            Assert.AreEqual(1, await refused.WaitForExit(), refused.Transcript());
            Assert.Contains(Path.GetFileName(segment), refused.Errors.Items[0], StringComparison.Ordinal);
            Assert.Contains($"journal salvage {gateway.DataFolder}", refused.Errors.Items[1], StringComparison.Ordinal);
        }

        (int exitCode, string verify) = await gateway.Inspect("journal", "verify");
        Assert.AreEqual(1, exitCode, verify);
        Assert.Contains("DAMAGE", verify, StringComparison.Ordinal);

        using TestFolder salvaged = new();
        await using (ChildProcess salvage = GatewayProcess.LaunchExactly(["journal", "salvage", gateway.DataFolder, "--to", salvaged.File("new")]))
        {
            Assert.AreEqual(0, await salvage.WaitForExit(), salvage.Transcript());
            Assert.Contains("DAMAGE", salvage.Transcript(), StringComparison.Ordinal, "it says what it could not read");
        }

        Directory.Delete(Path.Combine(gateway.DataFolder, "journal"), recursive: true);
        Directory.Move(Path.Combine(salvaged.File("new"), "journal"), Path.Combine(gateway.DataFolder, "journal"));
        await gateway.Up();
        await using MosquittoSub subscriber = await MosquittoSub.Start(gateway, Sleeper, "t");
        IReadOnlyList<ReceivedMessage> received = await subscriber.Messages.WaitForCount(Messages - 1);
        CollectionAssert.AreEqual(new[] { "secret 0", "secret 1", "secret 3", "secret 4" }, received.Select(m => m.Text).ToArray());
    }

    [TestMethod]
    public async Task Folder_InUse_TheSecondGatewayNamesTheProcess()
    {
        await using GatewayProcess first = await GatewayProcess.Start();
        string folder = first.DataFolder;
        await using ChildProcess second = GatewayProcess.Launch(["--listen", "127.0.0.1:0", "--http", "off", "--data", folder]);
        await Refusal.OneLine(second, 1, $"process {first.Process.Id}");
    }

    [TestMethod]
    public async Task Commands_OnAFolderWithoutAJournal_SaySo()
    {
        using TestFolder folder = new();
        foreach (string[] command in new string[][] { ["journal", "verify"], ["journal", "dump"], ["ledger"] })
        {
            await using ChildProcess process = GatewayProcess.LaunchExactly([.. command, folder.Path]);
            await Refusal.OneLine(process, 1, folder.Path);
        }
    }

    [TestMethod]
    public async Task Sys_CustodyAndJournal_PublishedWhileItRuns()
    {
        await using KillableGateway gateway = await Filled("--set", "Sys:IntervalSeconds=1");
        await using MosquittoSub observer = await MosquittoSub.Start(gateway, "$SYS/broker/custody/#", "$SYS/broker/journal/#");
        _ = await observer.Messages.WaitFor(m => m.Topic == "$SYS/broker/custody/session/pending" && m.Text == $"{Messages}", "what is pending");
        _ = await observer.Messages.WaitFor(m => m.Topic == "$SYS/broker/journal/bytes" && long.Parse(m.Text, CultureInfo.InvariantCulture) > 0, "the bytes of the journal");
    }

    private static SubscriberOptions Sleeper => new() { ClientId = "sleeper", QoS = 1, CleanSession = false };

    private static async Task<KillableGateway> Filled(params string[] arguments)
    {
        KillableGateway gateway = await KillableGateway.Start(arguments);
        await (await MosquittoSub.Start(gateway, Sleeper, "t")).DisconnectAndDispose();
        await using RawMqtt publisher = await RawMqtt.Connect(gateway, "publisher");
        for (int i = 0; i < Messages; i++)
        {
            await publisher.Send(RawBytes.Publish("t", $"secret {i}", qos: 1, packetId: i + 1));
            _ = await publisher.Next();
        }

        return gateway;
    }

    private static string[] Segments(string folder) => [.. Directory.GetFiles(Path.Combine(folder, "journal"), "*.segment").Order(StringComparer.Ordinal)];

    private static string Damage(string folder, ReadOnlySpan<byte> text)
    {
        foreach (string segment in Segments(folder))
        {
            byte[] bytes = File.ReadAllBytes(segment);
            int at = bytes.AsSpan().IndexOf(text);
            if (at < 0)
                continue;
            bytes[at] ^= 0x20;
            File.WriteAllBytes(segment, bytes);
            return segment;
        }

        throw new AssertFailedException("the message is in no segment");
    }

    [GeneratedRegex(@"^Session +5 +0 +5 +0 +0\r?$", RegexOptions.Multiline)]
    private static partial Regex SessionLine();
}
