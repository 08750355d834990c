using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// What waited when the rules changed, and so waits in the class of before. A topic stays in that class until all that waited there then has left, or a newer message of it
/// would overtake an older one.
/// <list type="bullet">
/// <item>The messages of one topic wait in one class.</item>
/// <item>What follows others into the class of before has to leave, too.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class EarlierClasses
{
    // Chosen: reloads while one backlog waits. The oldest of more is forgotten, and what waits since then may be overtaken.
    private const int ChangesMax = 16;

    private readonly List<(RelayTopics Topics, int[] Left)> _changes = [];

    /// <summary>The rules are others from now on.</summary>
    /// <param name="before">As they were; they do not change any more.</param>
    /// <param name="waiting">What waits, class by class.</param>
    public void Changed(RelayTopics before, IWaitingList[] waiting)
    {
        int[] left = Array.ConvertAll(waiting, static list => list.Count);
        if (!Array.Exists(left, static count => count > 0))
            return;
        if (_changes.Count == ChangesMax)
            _changes.RemoveAt(0);
        _changes.Add((before, left));
    }

    /// <summary>The class that a message is to wait in, which comes now.</summary>
    /// <param name="message">The message.</param>
    /// <param name="now">As the rules say now.</param>
    /// <param name="waiting">What waits, class by class, without it.</param>
    public RelayClass Place(Message message, RelayClass now, IWaitingList[] waiting)
    {
        for (int i = 0; i < _changes.Count; i++)
        {
            (RelayTopics topics, int[] left) = _changes[i];
            RelayClass before = topics.RouteOf(message).Class;
            if (left[(int)before] == 0)
                continue;
            if (before != now || _changes.Skip(i + 1).Any(later => later.Topics.RouteOf(message).Class != before))
                left[(int)before] = waiting[(int)before].Count + 1;
            return before;
        }

        return now;
    }

    /// <summary>The oldest of a class has left.</summary>
    public void Left(int relayClass)
    {
        for (int i = _changes.Count - 1; i >= 0; i--)
        {
            int[] left = _changes[i].Left;
            if (left[relayClass] > 0 && --left[relayClass] == 0 && !Array.Exists(left, static count => count > 0))
                _changes.RemoveAt(i);
        }
    }
}
