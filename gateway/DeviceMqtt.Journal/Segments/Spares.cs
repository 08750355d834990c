using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Journal;

/// <summary>
/// Segment files without a use, by their names: a few that are always kept (<see cref="JournalOptions.SparesMax"/>), and the surplus that a backlog has left. Each is used for whatever comes
/// next; what differs is who may have the room. Under the lock, or on the committer's thread, which alone changes them.
/// </summary>
internal sealed class Spares(JournalOptions options)
{
    private readonly Queue<string> _names = new();

    public int Count => _names.Count;

    public int Kept => Math.Min(_names.Count, options.SparesMax);

    public int Surplus => _names.Count - Kept;

    public long SurplusMax { get; } = options.SparesMax == 0 ? 0 : options.BytesMax / options.SegmentBytes * options.SurplusPercentMax / 100;

    public bool CanTake => _names.Count < options.SparesMax + SurplusMax;

    /// <summary>The one to be used next.</summary>
    public string Next => _names.Peek();

    public void Add(string name) => _names.Enqueue(name);

    public void TakeNext() => _ = _names.Dequeue();

    public bool TryTakeSurplus([NotNullWhen(true)] out string? name)
    {
        name = Surplus > 0 ? _names.Dequeue() : null;
        return name is not null;
    }
}
