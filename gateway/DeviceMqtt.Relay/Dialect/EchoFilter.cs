using DeviceMqtt.Relay.Arriving;

namespace DeviceMqtt.Relay.Dialect;

/// <summary>
/// Knows the gateway's own messages when a 3.1.1 broker sends them back, which has no No Local: by topic and payload, each
/// once. A message of somebody else with the same topic and payload in the same minute is taken for the echo, and the echo
/// for it: one of the two arrives either way. Brokers that know bridges send nothing back; whether this one does is found
/// out with the gateway's own presence (<see cref="UpstreamSubscriptions.Probe"/>). Owned by the turn.
/// </summary>
internal sealed class EchoFilter
{
    // Longer than a broker that still lives takes to send a message back, link failures included.
    private const long KeptMs = 60_000;
    private const int EntriesMax = 10_000; // chosen: 1 MB in all
    private Dictionary<ulong, int> _sent = [];
    private Dictionary<ulong, int> _sentBefore = [];
    private long _beganMs;

    /// <summary>The upstream sends back what it gets from here: only then a message can be an echo.</summary>
    public bool IsOn { get; set; }

    /// <summary>A message goes to the upstream that it would send back.</summary>
    public void Sent(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs)
    {
        ForgetOld(nowMs);
        ulong hash = Hash(topic, payload);
        _sent[hash] = _sent.GetValueOrDefault(hash) + 1;
    }

    /// <summary>True for a message that is our own, coming back.</summary>
    /// <param name="topic">Of there.</param>
    /// <param name="payload">As it comes.</param>
    /// <param name="nowMs">Monotonic.</param>
    /// <param name="isP2P">It is one for a client: whether such messages come back, nobody has found out. Those that were sent there have no target here.</param>
    public bool IsEcho(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long nowMs, bool isP2P)
    {
        ForgetOld(nowMs);
        if (!IsOn && !isP2P)
            return false;
        ulong hash = Hash(topic, payload);
        return TryTake(_sentBefore, hash) || TryTake(_sent, hash);
    }

    private void ForgetOld(long nowMs)
    {
        if (nowMs - _beganMs < KeptMs && _sent.Count < EntriesMax)
            return;
        _sentBefore = _sent;
        _sent = [];
        _beganMs = nowMs;
    }

    private static bool TryTake(Dictionary<ulong, int> sent, ulong hash)
    {
        int count = sent.GetValueOrDefault(hash);
        if (count == 0)
            return false;
        if (count == 1)
            _ = sent.Remove(hash);
        else
            sent[hash] = count - 1;
        return true;
    }

    // FNV-1a, 64 bits: two different messages of one minute do not meet by chance.
    private static ulong Hash(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in topic)
            hash = (hash ^ b) * 1099511628211;
        hash = (hash ^ 0xFF) * 1099511628211; // no byte of UTF-8
        foreach (byte b in payload)
            hash = (hash ^ b) * 1099511628211;
        return hash;
    }
}
