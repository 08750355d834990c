using System.Runtime.InteropServices;
using System.Text;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// The routes of Topic Names that were seen lately, by their bytes, so that a message of a known topic costs one lookup
/// and no text. A topic that is not here yet is checked by the rules of the specification before it gets in.
/// </summary>
internal sealed class RouteCache(TopicTree tree, GatewayLimits limits)
{
    // Longer topics are matched anew each time.
    private const int CachedTopicBytesMax = 512;
    private readonly Dictionary<byte[], Route> _routes = new(new Utf8Comparer());
    private readonly List<Recipient> _recipients = [];
    private readonly List<SharedGroup> _groups = [];
    private long _rules;

    /// <summary>Whether the relay wants a topic; asked once per route, and again when its rules have changed.</summary>
    public Func<string, bool> IsRelayed { get; set; } = static _ => false;

    /// <summary>Whether a topic's messages need not be written to the disk; asked once per route, and again when the rules have changed.</summary>
    public Func<string, bool> IsVolatile { get; set; } = static _ => false;

    public int Count => _routes.Count;

    /// <summary>What they take in memory, with those they lead to.</summary>
    public long Bytes { get; private set; }

    /// <summary>Other topics are relayed or volatile than were: that is asked anew of each route before it is used, also of those that a connection remembers.</summary>
    public void RulesChanged()
    {
        _rules++;
        tree.MatchAnew();
    }

    /// <summary>The route of a Topic Name in its bytes.</summary>
    /// <returns>False, with what is wrong, when these bytes are no Topic Name or have too many levels.</returns>
    public bool TryGet(ReadOnlySpan<byte> topicUtf8, out Route route, out string wrong)
    {
        wrong = "";
        if (!_routes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topicUtf8, out route!))
        {
            if (!PublishPacket.CheckTopicName(topicUtf8, out MalformedReason reason))
            {
                wrong = reason.ToText();
                return false;
            }

            int levels = topicUtf8.Count((byte)'/') + 1;
            if (levels > limits.TopicLevelsMax)
            {
                wrong = $"the Topic Name has {levels} levels, more than {limits.TopicLevelsMax}";
                return false;
            }

            route = Add(Encoding.UTF8.GetString(topicUtf8), topicUtf8.ToArray());
        }

        Refresh(route);
        return true;
    }

    /// <summary>The route of a Topic Name that is known to be one.</summary>
    public Route Get(string topic)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(topic);
        if (!_routes.TryGetValue(utf8, out Route? route))
            route = Add(topic, utf8);
        Refresh(route);
        return route;
    }

    /// <summary>The route of a Topic Name that is not worth remembering: there are as many as clients, and each is used now and then.</summary>
    public Route GetOnce(string topic)
    {
        Route route = new(topic, Encoding.UTF8.GetBytes(topic), p2pTarget: null);
        UseRules(route);
        Refresh(route);
        return route;
    }

    /// <summary>Matches anew when subscriptions have changed since.</summary>
    public void Refresh(Route route)
    {
        if (route.Version == tree.VersionAt(route.Place))
            return;
        if (route.Rules != _rules)
            UseRules(route);

        _recipients.Clear();
        _groups.Clear();
        // A P2P message is never matched against subscriptions (DESIGN: P2P rule 3).
        if (route.P2PTarget is null)
            tree.Match(route.Topic, _recipients, _groups);
        int before = MemoryOf(route);
        route.Update(tree.VersionAt(route.Place), [.. _recipients], [.. _groups]);
        if (!route.IsCached)
            return;
        Bytes += MemoryOf(route) - before;
        if (Bytes > limits.RouteCacheBytesMax)
            Clear(inUse: route);
    }

    private Route Add(string topic, byte[] utf8)
    {
        // Topics beyond the limit push out all others at once: the cache refills with those in use within milliseconds,
        // and nobody has to keep an order of use on the hot path.
        if (_routes.Count >= limits.RouteCacheMax)
            Clear(inUse: null);
        Route route = new(topic, utf8, P2PTopic.TryParse(topic, out _, out string target) ? target : null);
        UseRules(route);
        if (utf8.Length <= CachedTopicBytesMax)
        {
            _routes.Add(utf8, route);
            route.IsCached = true;
            Bytes += MemoryOf(route);
        }

        return route;
    }

    private void UseRules(Route route)
    {
        route.Rules = _rules;
        route.IsRelayed = IsRelayed(route.Topic);
        // Commands, presence and births outlive a restart, whatever filter a rule has.
        route.IsVolatile = route.P2PTarget is null && route.Announces is null && IsVolatile(route.Topic);
    }

    // Whoever remembers one has it without what makes it large.
    private void Clear(Route? inUse)
    {
        foreach (Route route in _routes.Values)
        {
            route.IsCached = false;
            if (route != inUse)
                route.Forget();
        }

        _routes.Clear();
        Bytes = 0;
    }

    private static int MemoryOf(Route route) => MemoryCost.Route(route.TopicUtf8.Length, route.Recipients.Length + route.Groups.Length);

    /// <summary>Hashes eight bytes a step, seeded per process so that nobody can choose colliding topics.</summary>
    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        private readonly ulong _seed = (ulong)Random.Shared.NextInt64() | 1;

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode((ReadOnlySpan<byte>)obj);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            ulong hash = _seed ^ (ulong)alternate.Length;
            while (alternate.Length >= sizeof(ulong))
            {
                hash = Mix(hash ^ MemoryMarshal.Read<ulong>(alternate));
                alternate = alternate[sizeof(ulong)..];
            }

            ulong tail = 0;
            foreach (byte b in alternate)
                tail = (tail << 8) | b;
            return (int)Mix(hash ^ tail);
        }

        private ulong Mix(ulong value)
        {
            ulong high = Math.BigMul(value, _seed ^ 0x9E3779B97F4A7C15, out ulong low);
            return high ^ low;
        }
    }
}
