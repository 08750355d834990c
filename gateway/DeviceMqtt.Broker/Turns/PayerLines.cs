using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Broker.Turns;

/// <summary>Jobs that wait: each payer has a line of its own, and the lines have their turns one after the other. Owned by the turn.</summary>
/// <typeparam name="T">What a job is.</typeparam>
/// <param name="payerOf">Who pays for it; null for nobody.</param>
internal sealed class PayerLines<T>(Func<T, IPayer?> payerOf) where T : class
{
    private readonly Dictionary<IPayer, Line> _lines = [];
    private readonly Queue<Line> _inTurn = new();
    private readonly Line _ofNobody = new(null);

    private sealed class Line(IPayer? payer)
    {
        public readonly Queue<T> Jobs = new();

        public IPayer? Payer => payer;

        public bool IsInTurn { get; set; }

        public bool IsAside { get; set; }

        public bool HasWaited { get; set; }
    }

    /// <summary>All that wait, those of lines that are set aside too.</summary>
    public int Count { get; private set; }

    /// <summary>There is one whose turn it is.</summary>
    public bool HasNext => _inTurn.Count > 0;

    /// <summary>Who pays for the one whose turn it is; null for nobody. There must be one.</summary>
    public IPayer? NextPayer => _inTurn.Peek().Payer;

    /// <summary>Those of the payer whose turn it is were set aside since it had one last.</summary>
    public bool NextHasWaited => _inTurn.Peek().HasWaited;

    /// <summary>One more, behind those of its payer.</summary>
    /// <param name="job">What waits.</param>
    /// <param name="hasWaited">It was set aside, and has not had its turn since.</param>
    public void Add(T job, bool hasWaited = false)
    {
        Line line = _ofNobody;
        if (payerOf(job) is { } payer && !_lines.TryGetValue(payer, out line!))
            _lines.Add(payer, line = new Line(payer));
        line.Jobs.Enqueue(job);
        line.HasWaited |= hasWaited;
        Count++;
        Place(line);
    }

    /// <summary>The one whose turn it is; next is the turn of another payer, if there is another.</summary>
    public bool TryTake([NotNullWhen(true)] out T? job)
    {
        job = null;
        if (!_inTurn.TryDequeue(out Line? line))
            return false;
        (line.IsInTurn, line.HasWaited) = (false, false);
        job = line.Jobs.Dequeue();
        Count--;
        Place(line);
        return true;
    }

    /// <summary>Those of the payer whose turn it is wait until they are put back.</summary>
    /// <returns>Puts them back. To be called once.</returns>
    public Action SetAside()
    {
        Line line = _inTurn.Dequeue();
        (line.IsInTurn, line.IsAside) = (false, true);
        return () =>
        {
            (line.IsAside, line.HasWaited) = (false, true);
            Place(line);
        };
    }

    private void Place(Line line)
    {
        if (line.IsInTurn || line.IsAside)
            return;
        if (line.Jobs.Count > 0)
        {
            line.IsInTurn = true;
            _inTurn.Enqueue(line);
        }
        else if (line.Payer is { } payer)
        {
            _ = _lines.Remove(payer);
        }
    }
}
