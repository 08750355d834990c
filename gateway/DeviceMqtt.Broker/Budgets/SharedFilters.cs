namespace DeviceMqtt.Broker.Budgets;

/// <summary>
/// The filters of shared subscriptions that the Sessions of one owner have. Each is one delivery more of whatever matches, which the publisher has to wait for. Owned by the turn.
/// </summary>
internal sealed class SharedFilters
{
    /// <summary>So many Sessions for each filter that may be there: all of them are asked who takes a message, where none takes any.</summary>
    public const int SessionsEach = 10;

    private Dictionary<string, int>? _sessions; // null for an owner that never had one, as nearly all
    private int _subscriptions;

    /// <param name="filter">With <c>$share/{name}/</c>.</param>
    /// <param name="max">Different ones.</param>
    /// <returns>Whether a Session may have another subscription to it.</returns>
    public bool HasRoomFor(string filter, int max) =>
        _subscriptions < (long)max * SessionsEach && (_sessions is null || _sessions.Count < max || _sessions.ContainsKey(filter));

    public void Add(string filter)
    {
        _sessions ??= new(StringComparer.Ordinal);
        _sessions[filter] = _sessions.GetValueOrDefault(filter) + 1;
        _subscriptions++;
    }

    public void Remove(string filter)
    {
        _subscriptions--;
        if (--_sessions![filter] == 0)
            _ = _sessions.Remove(filter);
    }
}
