using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>The kernel tells the real process that the disk failed or is full, by strace: whatever it makes of that, nothing acknowledged is lost.</summary>
[TestClass]
public sealed class DiskFaultTests
{
    private const string Topic = "dm/load/tele";
    private const string Listening = "listening mqtt";

    /// <summary>What the process makes of it.</summary>
    public enum Reaction
    {
        /// <summary>It reads everything anew, and serves again.</summary>
        Recovers,

        /// <summary>It says that the journal is full, and serves who needs no room.</summary>
        SaysItIsFull,
    }

    [TestMethod]
    [DataRow("fdatasync", "EIO", "20", Reaction.Recovers)]
    // Some file systems find out at the sync that there is no room: the frame goes to another segment.
    [LongDataRow("fdatasync", "ENOSPC", "20+2", Reaction.SaysItIsFull)]
    [LongDataRow("pwrite64", "EIO", "20", Reaction.Recovers)]
    [DataRow("pwrite64", "ENOSPC", "20+", Reaction.SaysItIsFull)]
    [LongDataRow("rename", "ENOSPC", "3+", Reaction.SaysItIsFull)]
    [LongDataRow("rename", "EIO", "3", Reaction.Recovers)]
    [LongDataRow("fsync", "EIO", "4", Reaction.Recovers)]
    public async Task Gateway_DiskFaultUnderLoad_EverythingAcknowledgedIsThere(string call, string error, string when, Reaction expected)
    {
        string strace = await RequireStrace();
        await using KillableGateway gateway = KillableGateway.Prepare("--set", "Limits:QueueMessagesMax=1000000", "--set", "Limits:QueueBytesMax=100000000");
        await gateway.Up();
        KeepingPublisher once = new(gateway, "p1", $"{Topic}/q1", qos: 1) { PayloadBytes = 20_000 };
        KeepingPublisher exactly = new(gateway, "p2", $"{Topic}/q2", qos: 2) { PayloadBytes = 20_000 };
        SubscriberOptions archive = new() { ClientId = "archive", QoS = 2, CleanSession = false };
        await (await MosquittoSub.Start(gateway, archive, $"{Topic}/#")).DisconnectAndDispose();
        await once.Run(countMax: 10);
        await exactly.Run(countMax: 10);
        await gateway.Kill();

        // strace counts the calls of each thread for itself: those of the journal's thread begin with the load.
        await gateway.Up(strace, "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:error={error}:when={when}");
        ChildProcess process = gateway.Process;
        Task load = Task.WhenAll(once.Run(), exactly.Run());
        switch (expected)
        {
            case Reaction.Recovers:
                _ = await process.Output.WaitFor(l => l == "recovering", "recovering");
                _ = await process.Output.WaitFor(l => l.StartsWith(Listening, StringComparison.Ordinal), Listening, from: process.Output.Items.ToList().IndexOf("recovering"));
                break;
            case Reaction.SaysItIsFull:
                _ = await process.Output.WaitFor(l => l.Contains("the journal is full", StringComparison.Ordinal), "the journal is full");
                await using (RawMqtt other = await RawMqtt.Connect(gateway, "other"))
                {
                    await other.Send(RawBytes.Publish("nobody", "x", qos: 1, packetId: 1));
                    Assert.AreEqual(RawType.PubAck, (await other.Next()).Type);
                }

                break;
        }

        await gateway.Kill();
        await load;
        await AssertEverythingIsThere(gateway, archive, once, exactly);
    }

    /// <summary>A bad sector under a message that waits: that one is dropped and counted, and everything else goes on.</summary>
    [TestMethod]
    public async Task Gateway_SectorUnreadable_TheMessageInItIsDroppedAndCountedAndTheOthersArrive()
    {
        string strace = await RequireStrace();
        await using KillableGateway gateway = KillableGateway.Prepare("--set", "Limits:WaitingMemoryBytesMax=0");
        await gateway.Up();
        SubscriberOptions archive = new() { ClientId = "archive", QoS = 1, CleanSession = false };
        await (await MosquittoSub.Start(gateway, archive, $"{Topic}/#")).DisconnectAndDispose();
        KeepingPublisher publisher = new(gateway, "p1", $"{Topic}/q1", qos: 1) { PayloadBytes = 20_000 };
        await publisher.Run(countMax: 100);

        // The first of each thread from now on.
        await using (ChildProcess fault = ChildProcess.Start(strace, ["-f", "-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=1", "-o", "/dev/null", "-p", $"{gateway.Process.Id}"]))
        {
            await fault.Errors.WaitFor(static line => line.Contains("attached", StringComparison.Ordinal), "strace has the gateway");
            await using MosquittoSub subscriber = await MosquittoSub.Start(gateway, archive, $"{Topic}/#");
            _ = await gateway.Process.Output.WaitFor(static l => l.Contains("cannot be read (Input/output error", StringComparison.Ordinal), "a record that cannot be read");
            await publisher.Run(countMax: 1);
            int last = publisher.Acknowledged.Max();
            _ = await subscriber.Messages.WaitFor(m => int.Parse(m.Text, CultureInfo.InvariantCulture) == last, $"message {last}");
            int lost = publisher.Acknowledged.Except(subscriber.Messages.Items.Select(static m => int.Parse(m.Text, CultureInfo.InvariantCulture))).Count();
            Assert.IsInRange(1, 50, lost, gateway.Transcript());
        }

        await gateway.Kill();
        (int exitCode, string ledger) = await gateway.Inspect("ledger");
        Assert.AreEqual(0, exitCode, ledger);
        Assert.Contains("Damaged", ledger, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task DataFolder_DeletedUnderTheGateway_NothingIsAcknowledgedAndItEndsWithOneClearFault()
    {
        await using KillableGateway gateway = await KillableGateway.Start();
        await (await MosquittoSub.Start(gateway, new SubscriberOptions { ClientId = "archive", QoS = 1, CleanSession = false }, $"{Topic}/#")).DisconnectAndDispose();
        KeepingPublisher publisher = new(gateway, "p1", $"{Topic}/q1", qos: 1);
        await publisher.Run(countMax: 5);
        Directory.Delete(Path.Combine(gateway.DataFolder, "journal"), recursive: true);
        await publisher.Run(countMax: 5);
        Assert.HasCount(5, publisher.Acknowledged, "it acknowledged into a folder that is gone");
        Assert.AreEqual(1, await gateway.Process.WaitForExit(), gateway.Transcript());
        Assert.Contains("the folder was deleted or replaced while it was in use", gateway.Transcript(), StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(Path.Combine(gateway.DataFolder, "journal")), "a new folder in its place hides the loss");
    }

    [TestMethod]
    public async Task Gateway_DiskFailsFromTheStart_EndsWithExitCode1AndOneLine()
    {
        string strace = await RequireStrace();
        using TestFolder data = new();
        string[] command = [.. GatewayProcess.Command, "run", "--listen", $"{BrokerUnderTest.Host}:0", "--http", "off", "--data", data.Path];
        await using ChildProcess process = ChildProcess.Start(strace, ["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EIO:when=1+", .. command]);
        Assert.AreEqual(1, await process.WaitForExit(), process.Transcript());
        Assert.HasCount(1, process.Errors.Items, process.Transcript());
        Assert.Contains("Input/output error", process.Errors.Items[0], StringComparison.Ordinal);
    }

    // It may be there and not be allowed to trace: in a container, say.
    internal static async Task<string> RequireStrace()
    {
        string strace = OutsideProgram.Require("strace", "strace");
        await using ChildProcess trial = ChildProcess.Start(strace, ["-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=1", "true"]);
        if (await trial.WaitForExit() != 0)
            Assert.Inconclusive($"strace cannot trace here: {trial.Transcript()}");
        return strace;
    }

    internal static async Task AssertEverythingIsThere(KillableGateway gateway, SubscriberOptions archive, KeepingPublisher once, KeepingPublisher exactly)
    {
        (int exitCode, string ledger) = await gateway.Inspect("ledger");
        Assert.AreEqual(0, exitCode, ledger);
        await gateway.Up();
        await once.Run(countMax: 1);
        await exactly.Run(countMax: 1);
        await using MosquittoSub subscriber = await MosquittoSub.Start(gateway, archive, $"{Topic}/#");
        await once.AssertArrives(subscriber, mayRepeat: true);
        await exactly.AssertArrives(subscriber, mayRepeat: false);
    }
}
