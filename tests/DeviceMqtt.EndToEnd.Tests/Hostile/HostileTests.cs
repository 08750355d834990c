using System.Collections.Concurrent;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>
/// Whoever has a password for one device, or none, brings nobody else down: the process lives, the boards beside lose nothing that was
/// acknowledged, a new board and an operator get in, and the gateway starts again under the same limit. How fast the boards are
/// meanwhile is printed, and asserted only where it is a matter of seconds.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class HostileTests
{
    private const int Boards = 50;
    private const int ReadingsBefore = 20;
    private const int ReadingsMeanwhile = 60;
    private const int ReadingsOnSlowDisk = 5;
    private const int NewcomersMeanwhile = 4;
    private const long LogBytesMax = 200_000;

    // Two thousand sockets, fifty at a time, of which each may wait for five seconds.
    private static readonly TimeSpan AttackPatience = TimeSpan.FromMinutes(4);

    /// <summary>A part of a name: only those attacks are run, also those that take <c>--long</c>.</summary>
    private const string OnlyVariable = "DEVICEMQTT_HOSTILE";

    // Nine seconds each: of those that ended the process before there were budgets, one of each kind. The others with --long of the test command.
    private static readonly string[] InEveryRun =
    [
        "200 clients with 1 MB of a PUBLISH that is not whole", "500 filters of 64 KB, on four Sessions", "400 logins over HTTP with 2 MB of a name",
    ];

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Attacks => All().Select(static attack => (object[])[attack.Name]);

    [TestMethod]
    [DynamicData(nameof(Attacks))]
    public async Task Attack_ByOneUser_BoardsLoseNothingAndTheGatewayStartsAgain(string name)
    {
        if (!IsInThisRun(name))
            Assert.Inconclusive(LongRun.Reason);
        Attack attack = All().Single(a => a.Name == name);
        await using HostileGateway gateway = await HostileGateway.Start(attack);
        Acknowledged acknowledged = new();
        ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);
        Operator first = await Operator.Connect(gateway.Port, seen);
        try
        {
            await using HonestBoards boards = await HonestBoards.Connect(gateway.Port, Boards);
            Cores.MoveTheAttacker();
            BoardFigures before = await boards.Publish(ReadingsBefore, acknowledged);
            await gateway.SlowDown();

            using CancellationTokenSource stop = new();
            await using Mallory mallory = new(gateway.Port, gateway.HttpPort, stop.Token);
            Task attacking = Task.Run(() => attack.Run(mallory));
            BoardFigures meanwhile = await boards.Publish(attack.IsDiskSlow ? ReadingsOnSlowDisk : ReadingsMeanwhile, acknowledged);
            for (int i = 0; i < NewcomersMeanwhile; i++)
                await AssertNewcomersGetIn(gateway, $"meanwhile {i}", acknowledged);
            await stop.CancelAsync();
            await attacking.WaitAsync(AttackPatience);
            BoardFigures after = await boards.Publish(attack.IsDiskSlow ? ReadingsOnSlowDisk : ReadingsBefore, acknowledged);
            await AssertNewcomersGetIn(gateway, "afterwards", acknowledged);
            Report(attack, before, meanwhile, after, gateway.Process.ResidentBytes);
            Assert.IsFalse(gateway.Process.HasExited, gateway.Process.Transcript());
            AssertLog(gateway);
        }
        catch (Exception exception)
        {
            throw new AssertFailedException($"{exception.Message}{Environment.NewLine}{gateway.Process.Transcript()}", exception);
        }
        finally
        {
            await first.DisposeAsync();
        }

        await gateway.Restart();
        await AssertNewcomersGetIn(gateway, "after the start", acknowledged);
        await using Operator again = await Operator.Connect(gateway.Port, seen);
        await again.WaitFor(acknowledged);
    }

    private static IEnumerable<Attack> All() => MemoryAttacks.All().Concat(WideAttacks.All()).Concat(ShareAttacks.All()).Concat(StrangerAttacks.All()).Concat(SlowDiskAttacks.All());

    private static bool IsInThisRun(string name) => Environment.GetEnvironmentVariable(OnlyVariable) is { Length: > 0 } only
        ? name.Contains(only, StringComparison.Ordinal)
        : InEveryRun.Contains(name) || LongRun.IsOn;

    private static async Task AssertNewcomersGetIn(HostileGateway gateway, string when, Acknowledged acknowledged)
    {
        await using HonestBoard board = await HonestBoard.Connect(gateway.Port, $"new {when}");
        await board.PublishOne(acknowledged);
        await using HonestBoard person = await HonestBoard.Connect(gateway.Port, $"person {when}", Operator.User);
        await person.PublishOne(acknowledged);
    }

    private static void AssertLog(HostileGateway gateway)
    {
        string[] lines = [.. gateway.Process.Output.Items, .. gateway.Process.Errors.Items];
        string[] faults = [.. lines.Where(static line => line.Contains("fault of the gateway", StringComparison.Ordinal))];
        Assert.IsEmpty(faults, $"the log has a fault of the gateway's own: {faults.FirstOrDefault()}");
        Assert.IsLessThan(LogBytesMax, lines.Sum(static line => (long)line.Length), "the log has too much");
    }

    private void Report(Attack attack, BoardFigures before, BoardFigures meanwhile, BoardFigures after, long residentBytes)
    {
        TestContext.WriteLine($"before: {before}");
        TestContext.WriteLine($"meanwhile: {meanwhile}");
        TestContext.WriteLine($"after: {after}");
        if (Cores.Report is { } file)
            File.AppendAllText(file, FormattableString.Invariant($"| {attack.Name} | {meanwhile.Rate * 100:F0} % | {meanwhile.Percentile(0.5):F1} ms | {meanwhile.Percentile(0.99):F1} ms | {meanwhile.LatenciesMs[^1]:F0} ms | {residentBytes >> 20} MB |{Environment.NewLine}"));
    }
}
