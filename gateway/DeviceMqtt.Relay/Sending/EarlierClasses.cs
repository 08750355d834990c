using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// What waited when the rules changed waits in its class of before. No newer message of a topic may leave before an older one that waits in another class:
/// <list type="bullet">
/// <item>A topic that was moved up waits in its lower class until nothing of it is there any more: it alone, and nothing else of that class.</item>
/// <item>A topic that was moved down waits in its lower class at once, and is not sent before all has left that waited in the higher one when the rules changed. What comes later there holds nobody up.</item>
/// <item>So a class waits for higher ones alone, and the highest for none: something may always leave.</item>
/// <item>At most <see cref="ChangesMax"/> changes and <see cref="TopicsMax"/> topics are told apart. Beyond that the oldest changes count as one of all topics, and the topics as all:
/// more has to wait than need be, and nothing is overtaken.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class EarlierClasses
{
    internal const int ChangesMax = RelayTopics.CopiesMax;

    // Chosen: as many as the relay remembers the routes of. With their names two megabytes at most.
    internal const int TopicsMax = RelayOptions.TopicsKnownMax;

    private const int Classes = 3;

    /// <param name="Before">The rules of before; null for any.</param>
    /// <param name="Since">Of each class the messages that had come into it: those are not held up by this change, what came later is.</param>
    /// <param name="Until">Of each class the messages that had come, and are older than what is held up.</param>
    private sealed record Change(RelayTopics? Before, long[] Since, long[] Until);

    private readonly List<Change> _changes = [];

    // Topics that wait in another class than the rules say: behind how many of each class the last of them came.
    private readonly Dictionary<string, long[]> _held = new(StringComparer.Ordinal);
    private readonly long[] _heldUntil = new long[Classes];
    private readonly long[] _came = new long[Classes];
    private readonly long[] _left = new long[Classes];

    /// <summary>Nothing waits that waited when the rules changed, nor behind such: each class is the rules' own.</summary>
    public bool IsIdle => _changes.Count == 0 && _held.Count == 0;

    /// <summary>The rules are others from now on.</summary>
    /// <param name="before">As they were; they do not change any more.</param>
    public void Changed(RelayTopics before)
    {
        Forget();
        if (!HasSome(_came))
            return;
        if (_changes.Count == ChangesMax)
        {
            _changes[1] = new Change(Before: null, _changes[0].Since, _changes[1].Until);
            _changes.RemoveAt(0);
        }

        _changes.Add(new Change(before, [.. _came], [.. _came]));
    }

    /// <summary>A message comes. Says in which class it is to wait.</summary>
    /// <param name="topic">Of the message.</param>
    /// <param name="now">As the rules say now.</param>
    public RelayClass Place(string topic, RelayClass now)
    {
        int place = (int)now;
        if (!IsIdle)
        {
            for (int i = place + 1; i < Classes; i++)
                if (MayWaitIn(i, topic))
                    place = i;
        }

        _came[place]++;
        if (place != (int)now)
            Hold(topic, place);
        return (RelayClass)place;
    }

    /// <summary>Whether the oldest of a class has to wait for a higher class.</summary>
    /// <param name="relayClass">The class.</param>
    /// <param name="topicOfOldest">Reads its topic, which may be on the disk; null when it cannot be read.</param>
    public bool IsHeldUp(int relayClass, Func<int, string?> topicOfOldest)
    {
        if (relayClass == 0 || IsIdle || !IsAnyOlderAbove(relayClass))
            return false;
        if (topicOfOldest(relayClass) is not { } topic)
            return false;
        for (int i = 0; i < relayClass; i++)
            if (_changes.Exists(change => _left[relayClass] >= change.Since[relayClass] && IsOlderIn(i, topic, change)) || IsHeldIn(i, topic))
                return true;
        return false;
    }

    /// <summary>The oldest of a class has left.</summary>
    public void Left(int relayClass)
    {
        _left[relayClass]++;
        if (!IsIdle)
            Forget();
    }

    private bool MayWaitIn(int relayClass, string topic) => _changes.Exists(change => IsOlderIn(relayClass, topic, change)) || IsHeldIn(relayClass, topic);

    private bool IsOlderIn(int relayClass, string topic, Change change) =>
        _left[relayClass] < change.Until[relayClass] && (change.Before is not { } before || (int)before.ClassOf(topic) == relayClass);

    private bool IsHeldIn(int relayClass, string topic) => _held.TryGetValue(topic, out long[]? until) && _left[relayClass] < until[relayClass];

    // Before a topic is read from the disk for it.
    private bool IsAnyOlderAbove(int relayClass)
    {
        for (int i = 0; i < relayClass; i++)
            if (_left[i] < _heldUntil[i] || _changes.Exists(change => _left[relayClass] >= change.Since[relayClass] && _left[i] < change.Until[i]))
                return true;
        return false;
    }

    private void Hold(string topic, int place)
    {
        if (!_held.TryGetValue(topic, out long[]? until))
        {
            if (_held.Count >= TopicsMax)
                ForgetTopics();
            if (_held.Count >= TopicsMax)
            {
                // Everything that waits counts as held up, whatever its topic.
                _changes.Clear();
                _changes.Add(new Change(Before: null, new long[Classes], [.. _came]));
                _held.Clear();
                return;
            }

            _held.Add(topic, until = new long[Classes]);
        }

        until[place] = _heldUntil[place] = _came[place];
    }

    private void Forget()
    {
        while (_changes.Count > 0 && !HasSome(_changes[0].Until))
            _changes.RemoveAt(0); // a later one lasts longer
        if (_held.Count > 0 && !HasSome(_heldUntil))
            _held.Clear();
    }

    private void ForgetTopics()
    {
        foreach ((string topic, long[] until) in _held)
            if (!HasSome(until))
                _ = _held.Remove(topic);
    }

    // Some of what had come by then waits still.
    private bool HasSome(long[] until)
    {
        for (int i = 0; i < Classes; i++)
            if (_left[i] < until[i])
                return true;
        return false;
    }
}
