using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// Values under slash-separated keys, found by matching as [MQTT-4.7] says. Keys are Topic Filters (the subscriptions) or
/// Topic Names (the retained messages); a wildcard level is stored like any other level.
/// Depth is bounded by <see cref="GatewayLimits.TopicLevelsMax"/>, which is checked before a key gets here.
/// </summary>
internal sealed class TopicTrie<T> where T : class
{
    private readonly Node _root = new(null, "");

    private sealed class Node(Node? parent, string level)
    {
        public readonly Node? Parent = parent;
        public readonly string Level = level;
        public Dictionary<string, Node>? Children;
        public T? Value;
    }

    public T? Find(string key) => FindNode(key)?.Value;

    public T GetOrAdd(string key, Func<T> create)
    {
        Node node = GetOrAddNode(key);
        return node.Value ??= create();
    }

    public void Set(string key, T value) => GetOrAddNode(key).Value = value;

    public T? Remove(string key)
    {
        Node? node = FindNode(key);
        T? value = node?.Value;
        if (node is null || value is null)
            return null;
        node.Value = null;
        while (node is { Value: null, Parent: { } parent } && (node.Children is null || node.Children.Count == 0))
        {
            parent.Children!.Remove(node.Level);
            node = parent;
        }

        return value;
    }

    /// <summary>The values of stored filters that match a Topic Name.</summary>
    public void CollectFiltersMatching(ReadOnlySpan<char> topicName, List<T> found) =>
        CollectFilters(_root, topicName, firstLevel: true, found);

    /// <summary>The values of stored names that a Topic Filter matches.</summary>
    public void CollectNamesMatching(ReadOnlySpan<char> topicFilter, List<T> found) =>
        CollectNames(_root, topicFilter, firstLevel: true, found);

    /// <summary>All values.</summary>
    public void CollectAll(List<T> found)
    {
        if (_root.Value is { } value)
            found.Add(value);
        CollectAll(_root, firstLevel: false, found);
    }

    private static void CollectFilters(Node node, ReadOnlySpan<char> rest, bool firstLevel, List<T> found)
    {
        if (node.Children is not { } children)
            return;

        // A wildcard in the first level does not match names that begin with $ [MQTT-4.7.2-1].
        bool wildcards = !(firstLevel && rest.StartsWith('$'));
        if (wildcards && children.TryGetValue("#", out Node? hash) && hash.Value is { } all)
            found.Add(all);

        ReadOnlySpan<char> level = CutLevel(ref rest, out bool last);
        if (children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out Node? exact))
            Descend(exact, rest, last, found);
        if (wildcards && children.TryGetValue("+", out Node? plus))
            Descend(plus, rest, last, found);

        static void Descend(Node child, ReadOnlySpan<char> rest, bool last, List<T> found)
        {
            if (!last)
            {
                CollectFilters(child, rest, firstLevel: false, found);
                return;
            }

            if (child.Value is { } value)
                found.Add(value);
            // "sport/#" also matches "sport" (section 4.7.1.2).
            if (child.Children is { } below && below.TryGetValue("#", out Node? hash) && hash.Value is { } parentMatch)
                found.Add(parentMatch);
        }
    }

    private static void CollectNames(Node node, ReadOnlySpan<char> rest, bool firstLevel, List<T> found)
    {
        ReadOnlySpan<char> level = CutLevel(ref rest, out bool last);
        if (level is "#")
        {
            if (node.Value is { } value)
                found.Add(value);
            CollectAll(node, firstLevel, found);
            return;
        }

        if (node.Children is not { } children)
            return;
        if (level is not "+")
        {
            if (children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out Node? exact))
                Descend(exact, rest, last, found);
            return;
        }

        foreach (Node child in children.Values)
            if (!(firstLevel && child.Level.StartsWith('$')))
                Descend(child, rest, last, found);

        static void Descend(Node child, ReadOnlySpan<char> rest, bool last, List<T> found)
        {
            if (!last)
                CollectNames(child, rest, firstLevel: false, found);
            else if (child.Value is { } value)
                found.Add(value);
        }
    }

    private static void CollectAll(Node node, bool firstLevel, List<T> found)
    {
        if (node.Children is not { } children)
            return;
        foreach (Node child in children.Values)
        {
            if (firstLevel && child.Level.StartsWith('$'))
                continue;
            if (child.Value is { } value)
                found.Add(value);
            CollectAll(child, firstLevel: false, found);
        }
    }

    private Node? FindNode(ReadOnlySpan<char> rest)
    {
        Node node = _root;
        for (bool last = false; !last;)
        {
            ReadOnlySpan<char> level = CutLevel(ref rest, out last);
            if (node.Children is not { } children || !children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out node!))
                return null;
        }

        return node;
    }

    private Node GetOrAddNode(ReadOnlySpan<char> rest)
    {
        Node node = _root;
        for (bool last = false; !last;)
        {
            ReadOnlySpan<char> level = CutLevel(ref rest, out last);
            node.Children ??= new Dictionary<string, Node>(StringComparer.Ordinal);
            if (!node.Children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out Node? child))
            {
                child = new Node(node, level.ToString());
                node.Children.Add(child.Level, child);
            }

            node = child;
        }

        return node;
    }

    private static ReadOnlySpan<char> CutLevel(ref ReadOnlySpan<char> rest, out bool last)
    {
        int slash = rest.IndexOf('/');
        last = slash < 0;
        ReadOnlySpan<char> level = last ? rest : rest[..slash];
        rest = last ? default : rest[(slash + 1)..];
        return level;
    }
}
