using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>
/// Things whose time comes, the next one first: what is due is found without a look at those that are not. Each has one time; another one
/// replaces it. Owned by the turn.
/// </summary>
internal sealed class DueTimes<T> where T : notnull
{
    private readonly Dictionary<T, Due> _byThing = [];

    // Those of the same time in the order in which they came.
    private readonly SortedSet<Due> _inOrder = new(Comparer<Due>.Create(static (a, b) => a.Ms != b.Ms ? a.Ms.CompareTo(b.Ms) : a.Number.CompareTo(b.Number)));
    private long _lastNumber;

    private sealed record Due(long Ms, long Number, T Thing);

    public int Count => _byThing.Count;

    /// <param name="thing">What is due then.</param>
    /// <param name="dueMs">Monotonic milliseconds.</param>
    public void Set(T thing, long dueMs)
    {
        _ = Remove(thing);
        Due due = new(dueMs, ++_lastNumber, thing);
        _byThing.Add(thing, due);
        _ = _inOrder.Add(due);
    }

    /// <returns>False when it was not there.</returns>
    public bool Remove(T thing) => _byThing.Remove(thing, out Due? due) && _inOrder.Remove(due);

    /// <summary>The first that is due; it stays until it is removed or has another time.</summary>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="thing">It, when there is one.</param>
    public bool TryPeek(long nowMs, [MaybeNullWhen(false)] out T thing)
    {
        bool isDue = _inOrder.Min is { } first && first.Ms <= nowMs;
        thing = isDue ? _inOrder.Min!.Thing : default;
        return isDue;
    }
}
