using System.Collections.Concurrent;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>What was acknowledged to boards: all of it has to arrive.</summary>
internal sealed class Acknowledged
{
    private readonly ConcurrentDictionary<string, bool> _ids = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> All => (IReadOnlyCollection<string>)_ids.Keys;

    public void Add(string id) => _ids[id] = true;
}
