using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>What holds for the messages of some topics: section <c>Topics</c>, a list, of which the first that matches counts.</summary>
internal sealed class TopicRule
{
    /// <summary>A Topic Filter: <c>dm/+/tele/#</c>. Not one that begins with <c>$</c>: those topics are the gateway's.</summary>
    public string Filter { get; set; } = "";

    /// <summary>
    /// <c>false</c>: messages of QoS 0 and 1 on these topics are never written to the disk. What waits for somebody waits in memory, and is lost when the
    /// gateway ends or the power goes. Commands, presence, births and messages of QoS 2 are written all the same.
    /// </summary>
    public bool Durable { get; set; } = true;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check(int index)
    {
        if (!TopicFilter.TryParse(Filter, out _, out MalformedReason reason))
            return $"Topics:{index}:Filter is '{Filter}': {reason.ToText()}";
        return Filter.StartsWith('$') ? $"Topics:{index}:Filter is '{Filter}'; it must not begin with $, for those topics are the gateway's" : null;
    }
}
