using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Benchmarks.Rows.Console;

/// <summary>What open pages of the console add, in memory and processor time, to a gateway with many boards. Each page shows boards of its own.</summary>
internal sealed class ConsolesRow : BenchmarkRow
{
    private const int Boards = 10_000;
    private const int SmokeBoards = 200;
    private const int Consoles = 20;
    private const int InView = 60;
    private const double SecondsPerMessage = 10;
    private const double LeastSeconds = 10; // in three seconds the heap is at its top in one window, and behind a collection in the next
    // Until what grows with time alone is full: the ring of the messages' ways, recent readings, the heap up to its youngest generation. Measured: it grows by 10 to 20 MB
    // in the first minute, and stands nearly still from then on.
    private const double FillSeconds = 60;
    private const double ConnectSecondsMax = 120;
    private const int UnansweredMax = 64;
    private const string Password = "green house";
    private static readonly string[] Users = ["anna", "bert"]; // one user has at most 16 pages

    public override string Name => "consoles";

    public override string Group => "console";

    public override string Title => $"{Boards:N0} boards with a message in {SecondsPerMessage} s, QoS 1, and pages of the console that show {InView} of them each";

    public override bool HasCeiling => false;

    public override bool CanRun(Peer peer) => peer is GatewayPeer;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        var measurement = new Measurement();
        int boards = settings.IsSmoke ? SmokeBoards : Boards;
        double seconds = settings.IsSmoke ? settings.WindowSeconds : Math.Max(settings.WindowSeconds, LeastSeconds);
        int http = BrokerProcess.FreePort();
        using BrokerProcess broker = Start(peer, boards, http);
        using var loop = new LoadLoop();
        var pace = new Pace(Connect(loop, broker.Port, boards));
        _ = loop.RunUntil(pace.ReportDue, Math.Max(settings.WarmUpSeconds, settings.IsSmoke ? 0 : SecondsPerMessage));
        var none = Phase.Run(broker, loop, pace, seconds);
        // What is loaded with the first page, and stays: ASP.NET and the API.
        OpenConsole.Visit(loop, pace.ReportDue, http);
        _ = loop.RunUntil(pace.ReportDue, settings.IsSmoke ? 0 : FillSeconds);
        var visited = Phase.Run(broker, loop, pace, seconds);
        List<OpenConsole> open = [];
        try
        {
            void OpenTo(int count)
            {
                for (int i = open.Count; i < count; i++)
                    open.Add(OpenConsole.Open(loop, pace.ReportDue, http, Users[i % Users.Length], Password, [.. Enumerable.Range(i * InView, InView).Select(n => $"dm/{NameOf(n % boards)}")]));
                _ = loop.RunUntil(pace.ReportDue, seconds);
            }

            OpenTo(1);
            var one = Phase.Run(broker, loop, pace, seconds);
            OpenTo(Consoles);
            long before = open.Sum(static console => console.Bytes);
            var all = Phase.Run(broker, loop, pace, seconds);
            Add(measurement, none, visited, one, all);
            measurement.Add("KB a second to each page", MetricKind.Circumstance, (open.Sum(static console => console.Bytes) - before) / all.Seconds / Consoles / 1000);
            foreach (OpenConsole ended in open.Where(static console => console.Ended is not null))
                measurement.Notes.Add($"a stream ended: {ended.Ended}");
        }
        finally
        {
            open.ForEach(static console => console.Dispose());
        }

        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;
    }

    private static void Add(Measurement measurement, Phase none, Phase visited, Phase one, Phase all)
    {
        MemoryParts more = all.Memory.Less(visited.Memory);
        measurement.Add($"{Consoles} pages: memory, MB more", MetricKind.Cost, more.ResidentMb);
        measurement.Add("of it from files, MB", MetricKind.Circumstance, more.FilesMb);
        measurement.Add("of it compiled code, MB", MetricKind.Circumstance, more.CompiledMb);
        measurement.Add("of it the heap and the rest, MB", MetricKind.Circumstance, more.ResidentMb - more.FilesMb - more.CompiledMb);
        measurement.Add("1 page: memory, MB more", MetricKind.Cost, one.Memory.ResidentMb - visited.Memory.ResidentMb);
        measurement.Add($"{Consoles} pages: % of a core more", MetricKind.Cost, all.Percent - visited.Percent);
        measurement.Add("1 page: % of a core more", MetricKind.Cost, one.Percent - visited.Percent);
        measurement.Add("before the first request: memory, MB", MetricKind.Circumstance, none.Memory.ResidentMb);
        measurement.Add("no page is open any more: memory, MB", MetricKind.Circumstance, visited.Memory.ResidentMb);
        measurement.Add("before the first request: % of a core", MetricKind.Circumstance, none.Percent);
        measurement.Add("no page is open any more: % of a core", MetricKind.Circumstance, visited.Percent);
        measurement.OthersPercent = new[] { none, visited, one, all }.Max(static phase => phase.OthersPercent);
    }

    private static BrokerProcess Start(Peer peer, int boards, int http) => peer.Start(new BrokerSettings(LowLatency: false)
    {
        HttpPort = http,
        GatewaySettings =
        [
            $"Limits:ConnectionsMax={boards + 1000}", $"Limits:SessionsMax={boards + 1000}", "Limits:SharePercentMax=100", "Security:AllowAnonymous=true", "Security:AnonymousRole=operator",
            .. Users.SelectMany(static user => (string[])[$"Security:Users:{user}={PasswordHash.Create(Password)}", $"Security:Roles:{user}=operator"]),
        ],
    });

    private static string NameOf(int board) => $"board-{board:00000}";

    private static ReportingBoard[] Connect(LoadLoop loop, int port, int count)
    {
        var fleet = new ReportingBoard[count];
        int begun = 0;
        int online = 0;
        bool areAllThere = loop.RunUntil(
            () =>
            {
                while (online < begun && fleet[online].IsOnline)
                    online++;
                for (; begun < count && begun - online < UnansweredMax; begun++)
                    fleet[begun] = ReportingBoard.Begin(loop, port, NameOf(begun));
                return online == count || loop.ClosedCount > 0;
            },
            ConnectSecondsMax);
        return areAllThere && online == count ? fleet : throw new IOException($"{online} of {count} boards got a CONNACK: {loop.FirstCloseReason ?? "no answer"}");
    }

    /// <summary>Each board in turn, evenly over the time.</summary>
    private sealed class Pace(ReportingBoard[] fleet)
    {
        private readonly long _interval = (long)(SecondsPerMessage * Stopwatch.Frequency / fleet.Length);
        private long _due = Stopwatch.GetTimestamp();
        private int _next;

        public bool ReportDue()
        {
            for (; _due <= Stopwatch.GetTimestamp(); _due += _interval)
                fleet[_next++ % fleet.Length].Report();
            return false;
        }
    }

    /// <summary>A window with as many pages open as are, and the memory in its middle: it goes up and down with the collections.</summary>
    private sealed record Phase(MemoryParts Memory, double Percent, double OthersPercent, double Seconds)
    {
        private const double SampleSeconds = 0.5;

        public static Phase Run(BrokerProcess broker, LoadLoop loop, Pace pace, double seconds)
        {
            List<MemoryParts> samples = [];
            var window = new Window(broker);
            long begun = Stopwatch.GetTimestamp();
            do
            {
                _ = loop.RunUntil(pace.ReportDue, Math.Min(SampleSeconds, seconds));
                samples.Add(MemoryParts.Of(broker));
            }
            while (Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds);
            window.End();
            return new Phase(MemoryParts.Middle(samples), window.BrokerPercent, window.OthersPercent, window.Seconds);
        }
    }

    /// <summary>What of a process is in memory. Compiled code is where the runtime writes it: a file without a name, shown twice.</summary>
    private sealed record MemoryParts(double ResidentMb, double FilesMb, double CompiledMb)
    {
        private const double KbInMb = 1024;

        public static MemoryParts Of(BrokerProcess broker) => new(broker.ResidentKb / KbInMb, broker.ResidentFilesKb / KbInMb, broker.ResidentSharedKb / KbInMb);

        public static MemoryParts Middle(List<MemoryParts> samples) => samples.OrderBy(static sample => sample.ResidentMb).ElementAt(samples.Count / 2);

        public MemoryParts Less(MemoryParts other) => new(ResidentMb - other.ResidentMb, FilesMb - other.FilesMb, CompiledMb - other.CompiledMb);
    }
}
