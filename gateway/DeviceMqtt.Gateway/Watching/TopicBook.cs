using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>
/// The topics with their last messages, as a tree. Kept only while somebody looks: it begins with what is retained, and forgets all a minute after
/// the last look. Bounded in topics and bytes. Owned by the turn.
/// </summary>
/// <param name="bytesMax">Of memory; <see cref="BytesMax"/>, and less where there is little.</param>
internal sealed class TopicBook(long bytesMax = TopicBook.BytesMax)
{
    /// <summary>Topics that are kept while somebody looks.</summary>
    public const int TopicsMax = 20_000;

    /// <summary>Bytes of topics and payloads that are kept while somebody looks.</summary>
    public const long BytesMax = 8 * 1024 * 1024;

    /// <summary>Bytes of one payload that are kept.</summary>
    public const int PayloadBytesMax = 4_096;

    private const int ArrayBytes = 24; // of a payload, beside its bytes
    private const long ForgottenMs = 60_000;
    private TopicNode _root = new("");
    private long _lookedMs = long.MinValue / 2;
    private long _bytes;

    /// <summary>Somebody looks.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Since when, in milliseconds since 1970.</summary>
    public long SinceUnixMs { get; private set; }

    /// <summary>Topics that found no room.</summary>
    public long NotKept { get; private set; }

    public int Topics => _root.Topics;

    /// <summary>What they take.</summary>
    public long Bytes => _bytes;

    /// <summary>Somebody looks now.</summary>
    /// <returns>True when nobody did before: what is retained is to be put in.</returns>
    public bool Look(long nowMs, long nowUnixMs)
    {
        _lookedMs = nowMs;
        if (IsOn)
            return false;
        IsOn = true;
        SinceUnixMs = nowUnixMs;
        return true;
    }

    /// <summary>Once a second: forgets all when nobody has looked for a while.</summary>
    public void Beat(long nowMs)
    {
        if (!IsOn || nowMs - _lookedMs < ForgottenMs)
            return;
        IsOn = false;
        _root = new TopicNode("");
        _bytes = 0;
        NotKept = 0;
    }

    public void Take(in Publication publication, long unixMs) =>
        Put(publication.Route.Topic, publication.Payload, (int)publication.QoS, publication.Retain, unixMs, isCounted: true);

    public void TakeRetained(Message message, long unixMs)
    {
        if (Find(message.Topic) is not { UnixMs: > 0 })
            Put(message.Topic, message.Payload, (int)message.QoS, isRetained: true, unixMs, isCounted: false);
    }

    /// <summary>A level of the tree.</summary>
    /// <param name="topic">Its path; null for the root. An empty one is the level without a name below the root, where topics begin with a slash.</param>
    public TopicNode? Find(string? topic)
    {
        TopicNode? node = _root;
        if (topic is null)
            return node;
        foreach (string level in topic.Split('/'))
            if (node.Children is null || !node.Children.TryGetValue(level, out node))
                return null;
        return node;
    }

    private void Put(string topic, ReadOnlySpan<byte> payload, int qos, bool isRetained, long unixMs, bool isCounted)
    {
        int kept = Math.Min(payload.Length, PayloadBytesMax);
        if (Find(topic) is not { Payload: not null } node)
        {
            int levels = MemoryCost.Levels(topic);
            if (_root.Topics >= TopicsMax || _bytes + kept + ArrayBytes + levels > bytesMax)
            {
                NotKept++;
                return;
            }

            _bytes += levels + ArrayBytes;
            node = Add(topic);
        }

        int before = node.Payload?.Length ?? 0;
        // It has its place already, and grows into what is left: beyond, its beginning is kept, and its length says that there was more.
        if (kept > before && _bytes + kept - before > bytesMax)
            kept = (int)Math.Max(before, before + bytesMax - _bytes);
        _bytes += kept - before;
        if (node.Payload is { } same && same.Length == kept)
            payload[..kept].CopyTo(same);
        else
            node.Payload = payload[..kept].ToArray();
        node.PayloadBytes = payload.Length;
        node.QoS = qos;
        node.IsRetained = isRetained ? payload.Length > 0 : node.IsRetained;
        node.UnixMs = unixMs;
        if (isCounted)
            CountUp(topic);
    }

    private TopicNode Add(string topic)
    {
        TopicNode node = _root;
        node.Topics++;
        foreach (string level in topic.Split('/'))
        {
            node.Children ??= new Dictionary<string, TopicNode>(StringComparer.Ordinal);
            if (!node.Children.TryGetValue(level, out TopicNode? child))
                node.Children.Add(level, child = new TopicNode(level));
            node = child;
            node.Topics++;
        }

        return node;
    }

    private void CountUp(string topic)
    {
        TopicNode node = _root;
        node.CountBelow++;
        foreach (Range level in topic.AsSpan().Split('/'))
        {
            node = node.Children!.GetAlternateLookup<ReadOnlySpan<char>>()[topic.AsSpan(level)];
            node.CountBelow++;
        }

        node.Count++;
    }
}
