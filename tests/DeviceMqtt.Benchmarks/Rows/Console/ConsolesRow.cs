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
        int boards = settings.IsSmoke ? SmokeBoards : Boards;
        int http = BrokerProcess.FreePort();
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: false)
        {
            HttpPort = http,
            GatewaySettings =
            [
                $"Limits:ConnectionsMax={boards + 1000}", $"Limits:SessionsMax={boards + 1000}", "Limits:SharePercentMax=100", "Security:AllowAnonymous=true", "Security:AnonymousRole=operator",
                .. Users.SelectMany(static user => (string[])[$"Security:Users:{user}={PasswordHash.Create(Password)}", $"Security:Roles:{user}=operator"]),
            ],
        });
        using var loop = new LoadLoop();
        ReportingBoard[] fleet = Connect(loop, broker.Port, boards);
        var pace = new Pace(fleet);
        var measurement = new Measurement();
        _ = loop.RunUntil(pace.ReportDue, settings.WarmUpSeconds);
        var none = Phase.Run(broker, loop, pace, settings.WindowSeconds);
        // What is loaded with the first page, and stays: ASP.NET and the API.
        OpenConsole.Visit(loop, pace.ReportDue, http);
        _ = loop.RunUntil(pace.ReportDue, settings.WindowSeconds / 2);
        var visited = Phase.Run(broker, loop, pace, settings.WindowSeconds);
        List<OpenConsole> open = [];
        try
        {
            void OpenTo(int count)
            {
                for (int i = open.Count; i < count; i++)
                    open.Add(OpenConsole.Open(loop, pace.ReportDue, http, Users[i % Users.Length], Password, [.. Enumerable.Range(i * InView, InView).Select(n => $"dm/{NameOf(n % boards)}")]));
                _ = loop.RunUntil(pace.ReportDue, settings.WindowSeconds / 2);
            }

            OpenTo(1);
            var one = Phase.Run(broker, loop, pace, settings.WindowSeconds);
            OpenTo(Consoles);
            long before = open.Sum(static console => console.Bytes);
            var all = Phase.Run(broker, loop, pace, settings.WindowSeconds);
            measurement.Add($"{Consoles} pages: memory, MB more", MetricKind.Cost, all.ResidentMb - visited.ResidentMb);
            measurement.Add("1 page: memory, MB more", MetricKind.Cost, one.ResidentMb - visited.ResidentMb);
            measurement.Add("the first request over HTTP (ASP.NET): memory, MB more", MetricKind.Cost, visited.ResidentMb - none.ResidentMb);
            measurement.Add($"{Consoles} pages: % of a core more", MetricKind.Cost, all.Percent - none.Percent);
            measurement.Add("1 page: % of a core more", MetricKind.Cost, one.Percent - none.Percent);
            measurement.Add("before the first request: memory, MB", MetricKind.Circumstance, none.ResidentMb);
            measurement.Add("no page: % of a core", MetricKind.Circumstance, none.Percent);
            measurement.Add("KB a second to each page", MetricKind.Circumstance, (open.Sum(static console => console.Bytes) - before) / all.Seconds / Consoles / 1000);
            measurement.OthersPercent = new[] { none.OthersPercent, one.OthersPercent, all.OthersPercent }.Max();
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
    private sealed record Phase(double ResidentMb, double Percent, double OthersPercent, double Seconds)
    {
        private const double SampleSeconds = 0.5;

        public static Phase Run(BrokerProcess broker, LoadLoop loop, Pace pace, double seconds)
        {
            List<double> residentMb = [];
            var window = new Window(broker);
            long begun = Stopwatch.GetTimestamp();
            do
            {
                _ = loop.RunUntil(pace.ReportDue, Math.Min(SampleSeconds, seconds));
                residentMb.Add(broker.ResidentKb / 1024);
            }
            while (Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds);
            window.End();
            residentMb.Sort();
            return new Phase(residentMb[residentMb.Count / 2], window.BrokerPercent, window.OthersPercent, window.Seconds);
        }
    }
}
