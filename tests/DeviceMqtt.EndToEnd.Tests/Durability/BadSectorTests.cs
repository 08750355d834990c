using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>
/// The kernel tells the real process that sectors of the journal cannot be read (EIO, by strace), the usual fault of an SD card: a start says where, <c>journal verify</c> looks behind it, and
/// <c>journal salvage</c> brings everything that lies in other sectors. Delivery is in <see cref="DiskFaultTests"/>.
/// </summary>
[TestClass]
public sealed class BadSectorTests
{
    private const string Topic = "dm/load/tele";
    private const int Messages = 100;

    // The header of the segment is read, then all of it at once, which fails; then its sectors, and every hundredth of them fails.
    private const string EveryHundredth = "2+100";

    private static readonly SubscriberOptions Archive = new() { ClientId = "archive", QoS = 1, CleanSession = false };

    [TestMethod]
    public async Task Journal_SectorsUnreadable_StartSaysWhereAndChangesNothing()
    {
        string strace = await DiskFaultTests.RequireStrace();
        await using KillableGateway gateway = KillableGateway.Prepare();
        await gateway.Up();
        await (await MosquittoSub.Start(gateway, Archive, $"{Topic}/#")).DisconnectAndDispose();
        KeepingPublisher publisher = new(gateway, "p1", $"{Topic}/q1", qos: 1) { PayloadBytes = 20_000 };
        await publisher.Run(countMax: Messages);
        await gateway.Kill();
        string journal = Path.Combine(gateway.DataFolder, "journal");
        string segment = Directory.GetFiles(journal, "*.segment").Order(StringComparer.Ordinal).First();

        (int exitCode, string said) = await RunAsync(strace, segment, [.. gateway.RunCommand]);
        Assert.AreEqual(1, exitCode, said);
        Assert.Contains($"'{Path.GetFileName(segment)}' is damaged at byte ", said, StringComparison.Ordinal);

        // The disk reads again: nothing was done to what it could not read.
        await gateway.Up();
        await publisher.Run(countMax: 1);
        int last = publisher.Acknowledged.Max();
        await using MosquittoSub subscriber = await MosquittoSub.Start(gateway, Archive, $"{Topic}/#");
        _ = await subscriber.Messages.WaitFor(m => Number(m.Text) == last, $"message {last}");
        int lost = publisher.Acknowledged.Except(subscriber.Messages.Items.Select(static m => Number(m.Text))).Count();
        Assert.AreEqual(0, lost, gateway.Transcript());
        await gateway.Kill();
        (exitCode, said) = await gateway.Inspect("ledger");
        Assert.AreEqual(0, exitCode, said);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<(int ExitCode, string Said)> RunAsync(string strace, string file, params string[] command)
    {
        string[] under = ["-f", "-qq", "-o", "/dev/null", "-P", file, "-e", "trace=pread64", "-e", $"inject=pread64:error=EIO:when={EveryHundredth}", .. GatewayProcess.Command, .. command];
        await using ChildProcess process = ChildProcess.Start(strace, under);
        int exitCode = await process.WaitForExit();
        return (exitCode, process.Transcript());
    }
}
