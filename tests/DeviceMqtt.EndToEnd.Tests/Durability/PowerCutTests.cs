namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>
/// The real process on a disk that fails a sync or loses its power in one, by strace: what no sync has brought to the disk is gone afterwards (<see cref="TracedDisk"/>), and nothing that was
/// acknowledged is among it. A journal that went on behind a frame which only the cache had was refused at the next start.
/// </summary>
[TestClass]
public sealed class PowerCutTests
{
    private const string Topic = "dm/load/tele";
    private const string Listening = "listening mqtt";
    private const string Fails = "error=EIO";
    private const string PowerGoes = "signal=KILL";

    private const int PayloadBytes = 20_000; // segments are used up, and snapshots written, within the load of one row
    private static readonly string[] Settings = ["--set", "Limits:QueueMessagesMax=1000000", "--set", "Limits:QueueBytesMax=100000000"];
    private static readonly SubscriberOptions Archive = new() { ClientId = "archive", QoS = 2, CleanSession = false };

    [TestMethod]
    [DataRow("fdatasync", "30")]
    [LongDataRow("fdatasync", "7+7", 3)] // the threads of each new journal count for themselves
    public async Task Gateway_SyncFailsAndThePowerGoesLater_EverythingAcknowledgedIsThere(string call, string when, int times = 1)
    {
        await using Load load = await Load.Prepare();
        await load.GoOn(call, Fails, when);
        Task publishing = load.Publish();
        EventLog<string> output = load.Gateway.Process.Output;
        for (int seen = 0, from = 0; seen < times; seen++)
        {
            _ = await output.WaitFor(static l => l == "recovering", "recovering", from: from);
            from = output.Items.ToList().IndexOf("recovering", from) + 1;
            _ = await output.WaitFor(static l => l.StartsWith(Listening, StringComparison.Ordinal), Listening, from: from);
            await publishing;
            publishing = load.Publish(countMax: seen + 1 < times ? int.MaxValue : 10);
        }

        await publishing;
        await load.Gateway.Kill();
        await load.AssertEverythingIsThere();
    }

    [TestMethod]
    [DataRow("fdatasync", "2")]
    [LongDataRow("fdatasync", "40")]
    [LongDataRow("fsync", "2")] // of the names: with the next segment
    [DataRow("rename", "1")] // a snapshot takes its place
    public async Task Gateway_PowerGoesInTheMiddle_EverythingAcknowledgedIsThere(string call, string when)
    {
        await using Load load = await Load.Prepare();
        await load.GoOn(call, PowerGoes, when);
        await load.Publish();
        _ = await load.Gateway.Process.WaitForExit();
        await load.Gateway.Kill();
        await load.AssertEverythingIsThere();
    }

    /// <summary>What a start writes before it serves anybody is gone, or half of it.</summary>
    [TestMethod]
    [DataRow("fdatasync", Fails, "1")]
    [LongDataRow("pwrite64", PowerGoes, "2")]
    public async Task Gateway_PowerGoesWhileItStarts_EverythingAcknowledgedIsThere(string call, string tampering, string when)
    {
        await using Load load = await Load.Prepare();
        await using (ChildProcess process = ChildProcess.Start(await DiskFaultTests.RequireStrace(), [.. load.Under(call, tampering, when), .. GatewayProcess.Command, .. load.Gateway.RunCommand]))
            _ = await process.WaitForExit();
        await load.AssertEverythingIsThere();
    }

    /// <summary>A gateway under strace, two that publish to it, and an archive that is away.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly TestFolder _folder = new();
        private readonly KeepingPublisher _once;
        private readonly KeepingPublisher _exactly;
        private IReadOnlyList<string> _before = [];

        private Load()
        {
            _once = new KeepingPublisher(Gateway, "p1", $"{Topic}/q1", qos: 1) { PayloadBytes = PowerCutTests.PayloadBytes };
            _exactly = new KeepingPublisher(Gateway, "p2", $"{Topic}/q2", qos: 2) { PayloadBytes = PowerCutTests.PayloadBytes };
        }

        public KillableGateway Gateway { get; } = KillableGateway.Prepare(Settings);

        /// <summary>Something is acknowledged, and the gateway is down.</summary>
        public static async Task<Load> Prepare()
        {
            Load load = new();
            await load.Gateway.Up();
            await (await MosquittoSub.Start(load.Gateway, Archive, $"{Topic}/#")).DisconnectAndDispose();
            await load.Publish(countMax: 10);
            await load.Gateway.Kill();
            load._before = TracedDisk.FilesOf(load.Gateway.DataFolder);
            return load;
        }

        /// <summary>Words for strace, up to the program.</summary>
        public string[] Under(string call, string tampering, string when) => [.. TracedDisk.ArgumentsOf(_folder.File("trace")), "-e", $"inject={call}:{tampering}:when={when}"];

        public async Task GoOn(string call, string tampering, string when) => await Gateway.Up([await DiskFaultTests.RequireStrace(), .. Under(call, tampering, when)]);

        public Task Publish(int countMax = int.MaxValue) => Task.WhenAll(_once.Run(countMax), _exactly.Run(countMax));

        public async Task AssertEverythingIsThere()
        {
            (long bytes, int files) = TracedDisk.Read(_folder.File("trace"), Gateway.DataFolder, _before).CutPower();
            Assert.IsGreaterThan(0, bytes + files, "the disk has everything: nothing was tried");
            await DiskFaultTests.AssertEverythingIsThere(Gateway, Archive, _once, _exactly);
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            _folder.Dispose();
        }
    }
}
