using System.Runtime.InteropServices;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>All subscriptions, found by Topic Name.</summary>
/// <param name="isSeparate">A subscriber gets a message once for each Subscription Identifier that matches, not once with all of them.</param>
internal sealed class TopicTree(bool isSeparate = false)
{
    private readonly TopicTrie<Leaf> _trie = new();
    private readonly List<Leaf> _found = [];
    private readonly Dictionary<uint, Recipient> _byIdentifier = []; // of one subscriber
    private long _matchNumber;

    private const int Places = 256; // chosen: so many that few topics share one, and it is nothing in memory
    private readonly long[] _versions = new long[Places];
    private long _versionOfAll = 1;

    /// <summary>
    /// Changes with every subscription that may match topics of this place: what was matched under another number is out of date. Who subscribes to topics of its own does not have the publishers of
    /// others look for their subscribers anew.
    /// </summary>
    /// <param name="place"><see cref="PlaceOf"/> the topic.</param>
    public long VersionAt(int place) => _versionOfAll + _versions[place]; // both only grow, and never come round: 0 is of no version

    /// <summary>Of a Topic Name, by its first level; names with the same one have the same.</summary>
    public static int PlaceOf(ReadOnlySpan<char> topic)
    {
        int slash = topic.IndexOf('/');
        return string.GetHashCode(slash < 0 ? topic : topic[..slash], StringComparison.Ordinal) & (Places - 1);
    }

    /// <summary>Whatever was found is found anew before it is used.</summary>
    public void MatchAnew() => _versionOfAll++;

    private void Changed(TopicFilter filter)
    {
        if (filter.Match.AsSpan().StartsWith('+') || filter.Match.AsSpan().StartsWith('#'))
            _versionOfAll++;
        else
            _versions[PlaceOf(filter.Match)]++;
    }

    /// <summary>Subscriptions of all subscribers.</summary>
    public int Count { get; private set; }

    private sealed class Leaf
    {
        // A plain list: one or few entries nearly always, and walked for every match. The index of each subscriber makes
        // removal quick where thousands share a filter.
        public readonly List<Subscription> Subscriptions = [];
        public Dictionary<Subscriber, int>? Index;
        public Dictionary<string, SharedGroup>? Shared;

        public bool IsEmpty => Subscriptions.Count == 0 && (Shared is null || Shared.Count == 0);
    }

    private const int IndexedFrom = 16;

    /// <summary>Somebody subscribes to topics of the gateway, below <c>$gw/</c>.</summary>
    public bool HasReserved => _trie.HasFirstLevel("$gw");

    /// <summary>Shared ones among them.</summary>
    public int SharedCount { get; private set; }

    /// <summary>Adds a subscription, or replaces the one of the same subscriber and filter [MQTT-3.8.4-3].</summary>
    public void Set(Subscription subscription)
    {
        Leaf leaf = _trie.GetOrAdd(subscription.Filter.Match, static () => new Leaf());
        if (subscription.Filter.ShareName is { } share)
        {
            leaf.Shared ??= new Dictionary<string, SharedGroup>(StringComparer.Ordinal);
            if (!leaf.Shared.TryGetValue(share, out SharedGroup? group))
                leaf.Shared.Add(share, group = new SharedGroup(subscription.Filter.Value));
            if (group.Set(subscription))
            {
                Count++;
                SharedCount++;
            }
        }
        else
        {
            int index = IndexOf(leaf, subscription.Subscriber);
            if (index >= 0)
            {
                leaf.Subscriptions[index] = subscription;
            }
            else
            {
                leaf.Subscriptions.Add(subscription);
                Count++;
                leaf.Index?.Add(subscription.Subscriber, leaf.Subscriptions.Count - 1);
            }
        }

        Changed(subscription.Filter);
    }

    /// <summary>Removes the subscription of a subscriber to a filter.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(Subscriber subscriber, TopicFilter filter)
    {
        if (_trie.Find(filter.Match) is not { } leaf)
            return false;
        bool removed = filter.ShareName is { } share ? RemoveShared(leaf, share, subscriber) : RemovePlain(leaf, subscriber);
        if (!removed)
            return false;
        if (leaf.IsEmpty)
            _trie.Remove(filter.Match);
        Count--;
        SharedCount -= filter.IsShared ? 1 : 0;
        Changed(filter);
        return true;
    }

    /// <summary>Who gets messages of a Topic Name: subscribers once each, and the groups of shared subscriptions.</summary>
    public void Match(string topicName, List<Recipient> recipients, List<SharedGroup> groups)
    {
        _found.Clear();
        _trie.CollectFiltersMatching(topicName, _found);
        _matchNumber++;
        foreach (Leaf leaf in _found)
        {
            foreach (Subscription subscription in leaf.Subscriptions)
            {
                Subscriber subscriber = subscription.Subscriber;
                if (subscriber.MatchNumber != _matchNumber)
                {
                    subscriber.MatchNumber = _matchNumber;
                    subscriber.MatchIndex = recipients.Count;
                    recipients.Add(new Recipient(subscriber));
                }

                Recipient recipient = recipients[subscriber.MatchIndex];
                recipient.Merge(subscription);
                recipients[subscriber.MatchIndex] = recipient;
            }

            if (leaf.Shared is { } shared)
                groups.AddRange(shared.Values);
        }

        if (isSeparate)
            Separate(recipients);
    }

    // Few subscribers have two identifiers that match. Only what was found is looked at: a Session may have thousands of others.
    private void Separate(List<Recipient> recipients)
    {
        for (int i = recipients.Count - 1; i >= 0; i--)
        {
            if (recipients[i].Identifiers is not { Length: > 1 } identifiers)
                continue;
            Subscriber subscriber = recipients[i].Subscriber;
            _byIdentifier.Clear();
            foreach (uint identifier in identifiers)
                _ = _byIdentifier.TryAdd(identifier, new Recipient(subscriber) { Only = identifier, TakesOthers = identifier == identifiers[0] });
            foreach (Leaf leaf in _found)
            {
                if (IndexOf(leaf, subscriber) is not (>= 0 and int at))
                    continue;
                uint identifier = leaf.Subscriptions[at].Identifier;
                CollectionsMarshal.GetValueRefOrNullRef(_byIdentifier, identifier == 0 ? identifiers[0] : identifier).Merge(leaf.Subscriptions[at]);
            }

            recipients.RemoveAt(i);
            recipients.InsertRange(i, _byIdentifier.Select(static one => one.Value with { Identifiers = [one.Key] })); // once, however many subscriptions have it
        }
    }

    private static bool RemoveShared(Leaf leaf, string share, Subscriber subscriber)
    {
        if (leaf.Shared is null || !leaf.Shared.TryGetValue(share, out SharedGroup? group) || group.Remove(subscriber) is null)
            return false;
        if (group.IsEmpty)
            leaf.Shared.Remove(share);
        return true;
    }

    private static bool RemovePlain(Leaf leaf, Subscriber subscriber)
    {
        int index = IndexOf(leaf, subscriber);
        if (index < 0)
            return false;
        int last = leaf.Subscriptions.Count - 1;
        leaf.Subscriptions[index] = leaf.Subscriptions[last];
        leaf.Subscriptions.RemoveAt(last);
        if (leaf.Index is { } map)
        {
            map.Remove(subscriber);
            if (index < last)
                map[leaf.Subscriptions[index].Subscriber] = index;
        }

        return true;
    }

    private static int IndexOf(Leaf leaf, Subscriber subscriber)
    {
        if (leaf.Index is null && leaf.Subscriptions.Count >= IndexedFrom)
        {
            leaf.Index = new Dictionary<Subscriber, int>(leaf.Subscriptions.Count);
            for (int i = 0; i < leaf.Subscriptions.Count; i++)
                leaf.Index.Add(leaf.Subscriptions[i].Subscriber, i);
        }

        if (leaf.Index is { } map)
            return map.GetValueOrDefault(subscriber, -1);
        for (int i = 0; i < leaf.Subscriptions.Count; i++)
            if (leaf.Subscriptions[i].Subscriber == subscriber)
                return i;
        return -1;
    }
}
