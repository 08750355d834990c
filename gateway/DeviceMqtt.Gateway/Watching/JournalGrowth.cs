using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>How what the journal has to keep has grown over the last day, a figure each ten minutes: for how long there is room at that rate. Owned by the turn.</summary>
internal sealed class JournalGrowth(Turn turn)
{
    private const int FiguresMax = 144;
    private const int FiguresMin = 7; // an hour: less is no trend
    private const long EveryMs = 600_000;
    private const double DayMs = 86_400_000;
    private const double DaysMax = 3_650;
    private readonly Queue<Figure> _figures = new();
    private long _lastMs = long.MinValue / 2;

    /// <summary>Whose journal it is, once it is open.</summary>
    public DurableState? State { get; set; }

    /// <summary>Once a second.</summary>
    public void Beat()
    {
        if (turn.NowMs - _lastMs < EveryMs || State?.Status is not { } journal)
            return;
        _lastMs = turn.NowMs;
        Note(journal.LiveBytes);
    }

    /// <summary>A figure of now.</summary>
    public void Note(long liveBytes)
    {
        _figures.Enqueue(new Figure(turn.NowMs, liveBytes));
        if (_figures.Count > FiguresMax)
            _ = _figures.Dequeue();
    }

    /// <summary>Days until nothing more fits, at the rate of the last day.</summary>
    /// <param name="journal">How full the journal is.</param>
    /// <returns>Null while nothing is known, and where it does not fill.</returns>
    public double? DaysLeft(in JournalStatus journal)
    {
        double perMs = Slope();
        double days = perMs <= 0 ? double.MaxValue : Math.Max(0, journal.LiveBytesMax - journal.LiveBytes) / perMs / DayMs;
        return days > DaysMax ? null : days;
    }

    // Least squares: one burst, or one compaction, does not make a trend.
    private double Slope()
    {
        if (_figures.Count < FiguresMin)
            return 0;
        (double meanAt, double meanBytes) = (_figures.Average(static f => f.AtMs), _figures.Average(static f => f.Bytes));
        double across = _figures.Sum(f => (f.AtMs - meanAt) * (f.AtMs - meanAt));
        return across == 0 ? 0 : _figures.Sum(f => (f.AtMs - meanAt) * (f.Bytes - meanBytes)) / across;
    }

    // A class and not a struct: a queue of our own structs is code that the runtime has to compile while the gateway starts.
    private sealed record Figure(double AtMs, double Bytes);
}
