using DeviceMqtt.Broker.Budgets;

namespace DeviceMqtt.Broker.Output;

/// <summary>
/// The topic aliases that the gateway has defined towards one 5.0 client (section 3.3.2.3.4): the first topics it is sent
/// get one each, as many as the client takes and its memory has room for. None is ever given to another topic: what is seldom sent is not worth it.
/// </summary>
/// <param name="max">So many.</param>
/// <param name="memory">Of the connection, which gives back all of it at its end.</param>
internal sealed class OutboundAliases(ushort max, Account memory)
{
    // Chosen: so that a bound in number is one in bytes.
    private const int TopicCharactersMax = 512;
    private readonly Dictionary<string, ushort> _byTopic = new(StringComparer.Ordinal);

    /// <summary>The alias of a topic; 0 when it has none and there is none left.</summary>
    /// <param name="topic">The Topic Name.</param>
    /// <param name="isNew">The client does not know the alias yet; the packet that carries it must have the topic too.</param>
    public ushort Find(string topic, out bool isNew)
    {
        ushort alias = 0;
        isNew = topic.Length <= TopicCharactersMax && !_byTopic.TryGetValue(topic, out alias);
        if (isNew && _byTopic.Count < max && memory.HasRoomFor(MemoryCost.OutboundAlias(topic)))
            alias = (ushort)(_byTopic.Count + 1);
        return alias;
    }

    /// <summary>The client has been sent topic and alias together.</summary>
    public void Define(string topic, ushort alias)
    {
        memory.Take(MemoryCost.OutboundAlias(topic));
        _byTopic.Add(topic, alias);
    }
}
