using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// Values under slash-separated keys, found by matching as [MQTT-4.7] says. Keys are Topic Filters (the subscriptions) or
/// Topic Names (the retained messages); a wildcard level is stored like any other level.
/// Depth is bounded by <see cref="GatewayLimits.TopicLevelsMax"/>, which is checked before a key gets here.
/// </summary>
internal sealed class TopicTrie<T> where T : class
{
    private readonly Node _root = new(null, "", number: 0);
    private long _lastNumber;

    private sealed class Node(Node? parent, string level, long number)
    {
        public readonly string Level = level;

        // Counts up in the tree: the children of a node are in this order.
        public readonly long Number = number;
        public readonly Node? Parent = parent; // null of the root
        public Children? Children;
        public T? Value;
    }

    /// <summary>Of one node: by name, and in the order in which they came, so that a walk holds no copy of them.</summary>
    private sealed class Children() : Dictionary<string, Node>(StringComparer.Ordinal)
    {
        // The places of those that have gone are closed when they are a part of all, and some: a walk passes over few of them, and closing costs little for each.
        private const int GonePart = 8;
        private const int GoneAtLeast = 16;

        private (long Number, Node? Node)[] _inOrder = new (long, Node?)[1]; // most nodes have one child
        private int _count; // of places
        private int _gone; // of them

        public void Append(Node child)
        {
            Add(child.Level, child);
            if (_count == _inOrder.Length)
                Array.Resize(ref _inOrder, _count * 2);
            _inOrder[_count++] = (child.Number, child);
        }

        public void Cut(Node child)
        {
            _ = Remove(child.Level);
            _inOrder[PlaceBehind(child.Number) - 1].Node = null;
            if (++_gone > GoneAtLeast + (_count / GonePart))
                Close();
        }

        /// <summary>The first behind a number, which that of one that has gone may be.</summary>
        public Node? Behind(long number)
        {
            for (int place = PlaceBehind(number); place < _count; place++)
                if (_inOrder[place].Node is { } node)
                    return node;
            return null;
        }

        private int PlaceBehind(long number)
        {
            int from = 0;
            for (int to = _count; from < to;)
            {
                int middle = (from + to) / 2;
                if (_inOrder[middle].Number <= number)
                    from = middle + 1;
                else
                    to = middle;
            }

            return from;
        }

        private void Close()
        {
            int kept = 0;
            for (int place = 0; place < _count; place++)
                if (_inOrder[place].Node is not null)
                    _inOrder[kept++] = _inOrder[place];
            Array.Clear(_inOrder, kept, _count - kept);
            (_count, _gone) = (kept, 0);
            if (_inOrder.Length > 4 * Math.Max(kept, GoneAtLeast))
                Array.Resize(ref _inOrder, 2 * Math.Max(kept, GoneAtLeast));
        }
    }

    /// <summary>Whether there is a key that begins with this level.</summary>
    public bool HasFirstLevel(string level) => _root.Children?.ContainsKey(level) is true;

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
            parent.Children!.Cut(node);
            node = parent;
        }

        return value;
    }

    /// <summary>The values of stored filters that match a Topic Name.</summary>
    public void CollectFiltersMatching(ReadOnlySpan<char> topicName, List<T> found) =>
        CollectFilters(_root, topicName, firstLevel: true, found);

    /// <summary>The values of stored names that a Topic Filter matches, one by one. Names may come and go in between: those that go are not met, those that come may be.</summary>
    public Cursor OpenNamesMatching(string topicFilter) => new(_root, topicFilter, _lastNumber);

    /// <summary>All values, one by one, with the same promise.</summary>
    public Cursor OpenAll() => new(_root, "#", _lastNumber, isWithDollar: true);

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
            node.Children ??= new Children();
            if (!node.Children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out Node? child))
            {
                child = new Node(node, level.ToString(), ++_lastNumber);
                node.Children.Append(child);
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

    /// <summary>A walk through the names that a filter matches, which can be interrupted anywhere.</summary>
    public sealed class Cursor
    {
        private readonly string _filter;
        private readonly long _upTo; // nothing that came later is met, or a walk might never end
        private readonly Stack<Place> _places = new();
        private T? _found;

        internal Cursor(object root, string filter, long upTo, bool isWithDollar = false)
        {
            (_filter, _upTo) = (filter, upTo);
            Enter((Node)root, level: 0, isFirst: !isWithDollar);
        }

        // Where the walk stands among the children of one node, and what the filter says of them.
        private sealed class Place(Children children, Node? only, int next, bool isFirst)
        {
            private long _at; // the number of the one that was met last, which may have gone since
            private bool _isOver;

            // Where the level of the filter below these children begins; -1 when they are the last; -2 below #.
            public readonly int Next = next;
            public readonly bool IsFirst = isFirst;

            public Node? Take(long upTo)
            {
                if (_isOver)
                    return null;
                _isOver = only is not null;
                Node? child = only ?? children.Behind(_at);
                if (child is null || child.Number > upTo)
                    return null;
                _at = child.Number;
                return child;
            }
        }

        private const int Last = -1;
        private const int Everything = -2;

        /// <summary>One step of the walk.</summary>
        /// <param name="found">Null when the step met no value.</param>
        /// <returns>False at the end.</returns>
        public bool Step(out T? found)
        {
            found = _found;
            _found = null;
            if (found is not null)
                return true;
            if (!_places.TryPeek(out Place? place))
                return false;
            if (place.Take(_upTo) is not { } child)
            {
                _ = _places.Pop();
                return true;
            }

            if (place.IsFirst && child.Level.StartsWith('$'))
                return true; // a wildcard in the first level does not match it [MQTT-4.7.2-1]
            if (place.Next < 0)
                found = child.Value;
            if (place.Next == Everything)
                Enter(child, Everything, isFirst: false);
            else if (place.Next != Last)
                Enter(child, place.Next, isFirst: false);
            return true;
        }

        private void Enter(Node node, int level, bool isFirst)
        {
            if (level == Everything)
            {
                Visit(node, Everything, isFirst);
                return;
            }

            ReadOnlySpan<char> rest = _filter.AsSpan(level);
            int slash = rest.IndexOf('/');
            ReadOnlySpan<char> name = slash < 0 ? rest : rest[..slash];
            int next = slash < 0 ? Last : level + slash + 1;
            if (name is "#")
            {
                _found = node.Value; // "sport/#" also matches "sport" (section 4.7.1.2)
                Visit(node, Everything, isFirst);
            }
            else if (name is "+")
            {
                Visit(node, next, isFirst);
            }
            else if (node.Children is { } children && children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out Node? exact))
            {
                _places.Push(new Place(children, exact, next, isFirst: false));
            }
        }

        private void Visit(Node node, int next, bool isFirst)
        {
            if (node.Children is { Count: > 0 } children)
                _places.Push(new Place(children, only: null, next, isFirst));
        }
    }
}
