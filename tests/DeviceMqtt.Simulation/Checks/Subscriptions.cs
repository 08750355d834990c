using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>Who asked for what, from when to when: what may come to a client, and what must.</summary>
internal sealed class Subscriptions(SimWorld world)
{
    // Until a client with a clean Session must have what was acknowledged while it was there: the disk may be slow, and its window small.
    private const long UsualCleanMs = 10_000;

    private readonly Dictionary<string, List<Span>> _spans = [];
    private readonly Dictionary<(string Owner, string Topic), List<long>> _drops = [];

    /// <summary>The same, where it is otherwise.</summary>
    public long CleanMs { get; set; } = UsualCleanMs;

    /// <summary>It is known of each message in custody whether it was dropped: that something of its topic was is no answer.</summary>
    public bool IsExact { get; set; }

    /// <summary>Gateways pass messages on to each other: one may arrive long after its publisher was answered.</summary>
    public bool ComeLate { get; set; }

    private sealed class Span(string filter, bool isDurable, long askedMs)
    {
        public string Filter { get; } = filter;

        public bool IsDurable { get; } = isDurable;

        /// <summary>SUBSCRIBE leaves.</summary>
        public long AskedMs { get; } = askedMs;

        /// <summary>SUBACK is there.</summary>
        public long GrantedMs { get; set; } = long.MaxValue;

        /// <summary>UNSUBSCRIBE leaves, or the connection of a clean Session is over.</summary>
        public long LeftMs { get; set; } = long.MaxValue;

        /// <summary>UNSUBACK is there, or the connection of a clean Session is over.</summary>
        public long EndedMs { get; set; } = long.MaxValue;
    }

    /// <param name="owner">The Client Identifier, or the group of a shared subscription.</param>
    /// <param name="filter">A Topic Name, or the level above with <c>/#</c>.</param>
    /// <param name="isDurable">The Session outlives its connections.</param>
    public void Asked(string owner, string filter, bool isDurable)
    {
        if (Open(owner, filter) is not null)
            return;
        if (!_spans.TryGetValue(owner, out List<Span>? spans))
            _spans[owner] = spans = [];
        spans.Add(new Span(filter, isDurable, world.NowMs));
    }

    /// <summary>From now on what matches must arrive.</summary>
    public void Granted(string owner, string filter)
    {
        if (Open(owner, filter) is { } span)
            span.GrantedMs = Math.Min(span.GrantedMs, world.NowMs);
    }

    public void Leaving(string owner, string filter)
    {
        if (Open(owner, filter) is { } span)
            span.LeftMs = Math.Min(span.LeftMs, world.NowMs);
    }

    /// <summary>What is published from now on must not arrive.</summary>
    public void Ended(string owner, string filter)
    {
        if (Open(owner, filter) is { } span)
            (span.LeftMs, span.EndedMs) = (Math.Min(span.LeftMs, world.NowMs), world.NowMs);
    }

    /// <summary>The connection of a clean Session is over.</summary>
    public void EndedAll(string owner)
    {
        foreach (Span span in _spans.GetValueOrDefault(owner, []))
            if (span.EndedMs == long.MaxValue)
                (span.LeftMs, span.EndedMs) = (Math.Min(span.LeftMs, world.NowMs), world.NowMs);
    }

    /// <summary>A gateway has dropped a message, and counted it.</summary>
    public void Dropped(string owner, string topic)
    {
        if (!_drops.TryGetValue((owner, topic), out List<long>? drops))
            _drops[(owner, topic)] = drops = [];
        drops.Add(world.NowMs);
    }

    /// <summary>Whether the owner has asked for a topic.</summary>
    /// <param name="owner">The Client Identifier, or the group of a shared subscription.</param>
    /// <param name="topic">Of the PUBLISH.</param>
    /// <param name="publication">What it carries; null for what may have been published at any time, as a Will or a retained message.</param>
    public bool MayCome(string owner, string topic, Publication? publication)
    {
        foreach (Span span in _spans.GetValueOrDefault(owner, []))
        {
            if (!Matches(span.Filter, topic))
                continue;
            if (publication is null)
                return true;
            // QoS 0 is never acknowledged. What was routed before the subscription is not for it, nor what was published behind its end.
            long routedMs = publication.IsAcknowledged && !ComeLate ? publication.AcknowledgedMs : world.NowMs;
            if (span.AskedMs <= routedMs && publication.AtMs <= span.EndedMs)
                return true;
        }

        return false;
    }

    /// <summary>Who must have got an acknowledged message by now.</summary>
    public IEnumerable<(string Owner, bool IsDurable)> Musts(Publication publication)
    {
        foreach ((string owner, List<Span> spans) in _spans)
            foreach (Span span in spans)
            {
                if (span.GrantedMs > publication.AtMs || !Matches(span.Filter, publication.Topic))
                    continue;
                bool lasted = span.IsDurable ? span.LeftMs == long.MaxValue && publication.ExpirySeconds == 0 : Math.Min(span.LeftMs, world.NowMs) - publication.AcknowledgedMs > CleanMs;
                if (lasted && ((IsExact && span.IsDurable) || !WasDropped(owner, publication)))
                    yield return (owner, span.IsDurable);
            }
    }

    private bool WasDropped(string owner, Publication publication) => _drops.TryGetValue((owner, publication.Topic), out List<long>? drops) && drops.Exists(d => d >= publication.AtMs && d <= publication.AcknowledgedMs + CleanMs);

    private Span? Open(string owner, string filter) => _spans.GetValueOrDefault(owner, []).Find(s => s.Filter == filter && s.EndedMs == long.MaxValue);

    private static bool Matches(string filter, string topic) => filter == topic || (filter.EndsWith("/#", StringComparison.Ordinal) && topic.AsSpan().StartsWith(filter.AsSpan(0, filter.Length - 1), StringComparison.Ordinal));
}
