namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// Who waits for room in the journal, in the order in which they came. They are woken at the end of the first turn in which there is some, a few at a time: what room there is may be
/// enough for one, and whoever takes it has a turn of its own, at whose end the next are woken. Each of them looks from time to time as well. Owned by the turn.
/// </summary>
internal sealed class RoomLine
{
    // Chosen: a few at once, so that no turn is long and none stands still.
    internal const int WokenMax = 16;

    private readonly LinkedList<(object Who, Action Wake)> _waiting = new();
    private readonly Dictionary<object, LinkedListNode<(object Who, Action Wake)>> _places = [];

    /// <summary>Says whether there is none; there is always some where nobody says otherwise.</summary>
    public Func<bool> IsFull { get; set; } = static () => false;

    /// <summary>Those that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Has somebody woken once, inside a turn, when there is room. Nothing happens where there is some: who finds none all the same waits for more than that.</summary>
    /// <param name="who">Is in the line once.</param>
    /// <param name="wake">Must be short: it takes no room itself.</param>
    public void Wait(object who, Action wake)
    {
        if (IsFull() && !_places.ContainsKey(who))
            _places.Add(who, _waiting.AddLast((who, wake)));
    }

    /// <summary>Somebody waits no longer.</summary>
    public void Leave(object who)
    {
        if (_places.Remove(who, out LinkedListNode<(object Who, Action Wake)>? place))
            _waiting.Remove(place);
    }

    /// <summary>The end of a turn: there may be room.</summary>
    public void Look()
    {
        if (_waiting.Count == 0 || IsFull())
            return;
        for (int i = 0; i < WokenMax && _waiting.First is { } first; i++)
        {
            Leave(first.Value.Who);
            first.Value.Wake();
        }
    }
}
