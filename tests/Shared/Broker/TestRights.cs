using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.TestSupport;

/// <summary>Rights as a test says them; everything is allowed unless it says otherwise. Remembers each question about publishing.</summary>
internal sealed class TestRights : IClientRights
{
    public Func<string, bool> Publish { get; set; } = static _ => true;

    public Func<string, bool> Subscribe { get; set; } = static _ => true;

    public Func<string, bool> Receive { get; set; } = static _ => true;

    public List<string> Asked { get; init; } = [];

    public Func<bool> Current { get; set; } = static () => true;

    public bool IsCurrent => Current();

    public bool MayPublish(string topicName)
    {
        Asked.Add(topicName);
        return Publish(topicName);
    }

    public bool MaySubscribe(string topicFilter) => Subscribe(topicFilter);

    public bool MayReceive(string topicName) => Receive(topicName);
}
