using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Report;

namespace DeviceMqtt.Benchmarks.Rows.Paced;

/// <summary>
/// A house: boards that report once a second, ping, and in part lose their connections again and again; one application reads all. What the broker takes of the
/// processor is what a user of a Raspberry Pi pays all day.
/// </summary>
internal sealed class BoardsRow : BenchmarkRow
{
    private const int Boards = 200;

    /// <summary>Every fifth board, a fifth of all, comes back on a new connection after each of its fifth messages.</summary>
    private const int ReconnectEvery = 5;

    /// <summary>Half the Keep Alive, whether or not the board has sent something: as boards do that count by a timer of their own.</summary>
    private const int PingEverySeconds = 5;

    private const double ConnectSecondsMax = 10;
    private const double DrainSecondsMax = 5;

    public override string Name => "boards";

    public override string Group => "paced";

    public override string Title => $"{Boards} boards with a message a second, QoS 1, Keep Alive {Board.KeepAliveSeconds} s, 20 % reconnecting every {ReconnectEvery} s";

    public override bool AsksLowLatency => true;

    public override Measurement Measure(Peer peer, RunSettings settings)
    {
        using BrokerProcess broker = peer.Start(new BrokerSettings(LowLatency: true));
        using var loop = new LoadLoop();
        var record = new AgeRecord((int)(Boards * (settings.WarmUpSeconds + settings.WindowSeconds + 2)));
        _ = AgeSubscriber.Open(loop, broker.Port, settings.ProtocolLevel, "application", "bench/#", qos: 1, record);
        Board[] boards = [.. Enumerable.Range(0, Boards).Select(i => new Board(loop, broker.Port, settings.ProtocolLevel, $"board{i:000}"))];
        if (!loop.RunUntil(() => boards.All(static board => board.IsOnline), ConnectSecondsMax))
            throw new IOException($"{boards.Count(static board => board.IsOnline)} of {Boards} boards got a CONNACK: {loop.FirstCloseReason}");

        long begun = Stopwatch.GetTimestamp();
        long step = Run(loop, boards, begun, 0, settings.WarmUpSeconds);
        long publishedBefore = boards.Sum(static board => board.Published);
        long reconnectedBefore = boards.Sum(static board => board.Reconnected);
        int deliveredBefore = record.Count;
        record.Clear();
        var window = new Window(broker);
        _ = Run(loop, boards, begun, step, settings.WarmUpSeconds + settings.WindowSeconds);
        window.End();
        double residentMb = broker.ResidentKb / 1024;
        long published = boards.Sum(static board => board.Published);
        long reconnected = boards.Sum(static board => board.Reconnected) - reconnectedBefore;
        _ = loop.RunUntil(() => boards.All(static board => board.Unacknowledged == 0) && record.Count + deliveredBefore >= published, DrainSecondsMax);

        var measurement = new Measurement();
        measurement.Add("broker CPU, % of a core", MetricKind.Cost, window.BrokerPercent);
        measurement.Add("p50, us", MetricKind.Cost, record.PercentileUs(0.50));
        measurement.Add("p99, us", MetricKind.Cost, record.PercentileUs(0.99));
        measurement.Add("longest, us", MetricKind.Cost, record.PercentileUs(1));
        measurement.Add("RSS at the end of the window, MB", MetricKind.Circumstance, residentMb);
        measurement.Add("published messages/s", MetricKind.Circumstance, (published - publishedBefore) / window.Seconds);
        measurement.Add("reconnects/s", MetricKind.Circumstance, reconnected / window.Seconds);
        measurement.Add("never delivered", MetricKind.Circumstance, Math.Max(0, published - record.Count - deliveredBefore));
        window.AddOthers(measurement);
        if (loop.ClosedCount > 0)
            measurement.Notes.Add($"connections ended during a round: {loop.FirstCloseReason}");
        return measurement;
    }

    // Step by step, a board each, so that the messages are even over the second. It spins as the latency rows do, so as to be there when one is due.
    private static long Run(LoadLoop loop, Board[] boards, long begun, long step, double untilSeconds)
    {
        long interval = Stopwatch.Frequency / Boards;
        for (long due = begun + (step * interval); due < begun + (untilSeconds * Stopwatch.Frequency); due = begun + (++step * interval))
        {
            while (Stopwatch.GetTimestamp() < due)
                loop.Poll(0);
            long index = step % Boards;
            long second = step / Boards;
            Board board = boards[index];
            // Between two messages of the board, which is when most connections are lost.
            Board other = boards[(index + (Boards / 2)) % Boards];
            if (((index + (Boards / 2)) % Boards) % ReconnectEvery == 0 && second > 0 && (second + (index / ReconnectEvery)) % ReconnectEvery == 0)
                other.Reconnect();
            if ((second + index) % PingEverySeconds == 0)
                board.Ping();
            board.Publish(due);
        }
        return step;
    }
}
