using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>One connection of a client, from its CONNACK on.</summary>
/// <param name="connection">Its number.</param>
/// <param name="fromMs">When it began, in monotonic milliseconds: what the doctor judges by.</param>
/// <param name="fromUnixMs">The same by the clock, in milliseconds since 1970: what is shown.</param>
/// <param name="address">Where it came from; empty where nobody knows.</param>
internal sealed class Visit(long connection, long fromMs, long fromUnixMs, string address)
{
    /// <summary>Of memory, without <see cref="Detail"/>.</summary>
    public const int LeastBytes = 144; // with the text of its address

    /// <summary>Of memory.</summary>
    public long Bytes => LeastBytes + ((Detail?.Length ?? 0) * sizeof(char));

    public long Connection => connection;

    public long FromMs => fromMs;

    public long FromUnixMs => fromUnixMs;

    /// <summary>Where it came from; empty where nobody knows.</summary>
    public string Address => address;

    /// <summary>When it ended, in monotonic milliseconds; see <see cref="IsOver"/>.</summary>
    public long ToMs { get; private set; }

    /// <summary>The same by the clock, in milliseconds since 1970; 0 while it lasts.</summary>
    public long ToUnixMs { get; private set; }

    /// <summary>It has ended.</summary>
    public bool IsOver => ToUnixMs != 0;

    /// <summary>Why it ended.</summary>
    public CloseReason Reason { get; private set; }

    /// <summary>More about that; null when there is no more to say.</summary>
    public string? Detail { get; private set; }

    /// <summary>It ends now.</summary>
    public void End(long nowMs, long nowUnixMs, CloseReason reason, string? detail = null) => (ToMs, ToUnixMs, Reason, Detail) = (nowMs, Math.Max(1, nowUnixMs), reason, detail);
}
