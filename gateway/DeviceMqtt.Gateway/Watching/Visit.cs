using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>One connection of a client, from its CONNACK on.</summary>
internal sealed class Visit(long fromUnixMs, string address)
{
    private const int ObjectBytes = 120; // with the text of its address

    /// <summary>Of memory.</summary>
    public long Bytes => ObjectBytes + ((Detail?.Length ?? 0) * sizeof(char));

    public long FromUnixMs => fromUnixMs;

    /// <summary>Where it came from; empty where nobody knows.</summary>
    public string Address => address;

    /// <summary>When it ended; 0 while it lasts.</summary>
    public long ToUnixMs { get; set; }

    /// <summary>Why it ended.</summary>
    public CloseReason Reason { get; set; }

    /// <summary>More about that; null when there is no more to say.</summary>
    public string? Detail { get; set; }
}
