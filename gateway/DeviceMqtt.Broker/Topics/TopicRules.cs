using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>The rules of all topics, in the order of the settings. They were checked.</summary>
internal sealed class TopicRules(IReadOnlyList<TopicRule> rules)
{
    private readonly (TopicFilter Filter, bool IsDurable)[] _rules = Read(rules);

    /// <summary>Messages of this topic need not be written to the disk; asked once for a topic.</summary>
    public bool IsVolatile(string topic)
    {
        if (_rules.Length == 0 || !TopicName.TryParse(topic, out TopicName name, out _))
            return false;
        foreach ((TopicFilter filter, bool isDurable) in _rules)
            if (filter.Matches(name))
                return !isDurable;
        return false;
    }

    /// <summary>What is wrong in the settings, as a sentence; null when nothing is.</summary>
    public static string? Check(IReadOnlyList<TopicRule> rules)
    {
        for (int i = 0; i < rules.Count; i++)
            if (rules[i].Check(i) is { } wrong)
                return wrong;
        return null;
    }

    // A loop, as each start comes by here: LINQ over these would be compiled for it.
    private static (TopicFilter Filter, bool IsDurable)[] Read(IReadOnlyList<TopicRule> rules)
    {
        var read = new (TopicFilter Filter, bool IsDurable)[rules.Count];
        for (int i = 0; i < read.Length; i++)
            read[i] = (TopicFilter.TryParse(rules[i].Filter, out TopicFilter filter, out _) ? filter : default, rules[i].Durable);
        return read;
    }
}
