namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>Circles in a graph: sets of nodes of which each reaches each other (strongly connected components, by Tarjan's algorithm). Members keep the order in which the nodes were given.</summary>
internal static class Circle
{
    /// <summary>The circles with at least two members, largest first.</summary>
    public static IReadOnlyList<IReadOnlyList<TNode>> Find<TNode>(IEnumerable<TNode> nodes, IEnumerable<(TNode From, TNode To)> arrows)
        where TNode : notnull =>
        [.. Components(nodes, arrows).Where(component => component.Count > 1).OrderByDescending(component => component.Count)];

    /// <summary>All nodes from the bottom to the top: a node stands behind everything that it names, as far as there is no circle.</summary>
    public static IReadOnlyList<TNode> BottomToTop<TNode>(IReadOnlyCollection<TNode> nodes, IReadOnlyCollection<(TNode From, TNode To)> arrows)
        where TNode : notnull
    {
        Dictionary<TNode, int> height = [];
        // Tarjan's algorithm finds what is named before those that name it.
        foreach (IReadOnlyList<TNode> component in Components(nodes, arrows))
        {
            int above = arrows
                .Where(arrow => component.Contains(arrow.From) && !component.Contains(arrow.To))
                .Select(arrow => height[arrow.To] + 1)
                .Append(0)
                .Max();
            foreach (TNode node in component)
            {
                height[node] = above;
            }
        }

        return [.. nodes.OrderBy(node => height[node])];
    }

    private static List<IReadOnlyList<TNode>> Components<TNode>(IEnumerable<TNode> nodes, IEnumerable<(TNode From, TNode To)> arrows)
        where TNode : notnull
    {
        ILookup<TNode, TNode> named = arrows.ToLookup(arrow => arrow.From, arrow => arrow.To);
        Dictionary<TNode, int> order = [];
        Dictionary<TNode, int> lowest = [];
        HashSet<TNode> isOpen = [];
        Stack<TNode> open = new();
        List<IReadOnlyList<TNode>> components = [];
        TNode[] given = [.. nodes];
        foreach (TNode node in given.Where(node => !order.ContainsKey(node)))
        {
            Visit(node);
        }

        return components;

        void Visit(TNode node)
        {
            lowest[node] = order.Count;
            order[node] = lowest[node];
            open.Push(node);
            isOpen.Add(node);
            foreach (TNode next in named[node])
            {
                if (!order.TryGetValue(next, out int nextOrder))
                {
                    Visit(next);
                    lowest[node] = Math.Min(lowest[node], lowest[next]);
                }
                else if (isOpen.Contains(next))
                {
                    lowest[node] = Math.Min(lowest[node], nextOrder);
                }
            }

            if (lowest[node] == order[node])
            {
                components.Add(Close(node));
            }
        }

        List<TNode> Close(TNode root)
        {
            List<TNode> component = [];
            TNode last;
            do
            {
                last = open.Pop();
                isOpen.Remove(last);
                component.Add(last);
            }
            while (!last.Equals(root));
            return [.. component.OrderBy(node => Array.IndexOf(given, node))];
        }
    }
}
