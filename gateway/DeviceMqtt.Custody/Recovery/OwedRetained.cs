namespace DeviceMqtt.Custody.Recovery;

/// <summary>What a subscription is owed of the retained messages, as the journal knows it.</summary>
/// <param name="upTo">The number of the last one.</param>
internal sealed class OwedRetained(long upTo)
{
    public long UpTo => upTo;

    /// <summary>The numbers of those that were given at QoS 2.</summary>
    public HashSet<long> Given { get; } = [];
}
