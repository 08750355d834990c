using DeviceMqtt.Broker.Budgets;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Which known device is forgotten for another one.
/// <list type="bullet">
/// <item>Those that are away stand in the order in which they left, and those that are here in the order in which they came: those of all, and those of each owner.</item>
/// <item>Next is one that is away, of the owners that have one the one with the most devices; among equals the one whose device has been away for longest.</item>
/// <item>One that is here is next only where nobody has one that is away.</item>
/// </list>
/// Owners are kept in the order in which they lose a device, so a look costs nothing, and a change the logarithm of their number: who has one device forgotten after the other takes no time of others.
/// Owned by the turn.
/// </summary>
internal sealed class DeviceOrder
{
    private readonly LinkedList<KnownDevice> _away = new();
    private readonly LinkedList<KnownDevice> _here = new();
    private readonly Dictionary<Owner, OfOwner> _byOwner = [];
    private readonly SortedSet<OfOwner> _owners = new(Comparer<OfOwner>.Create(static (a, b) => a.Rank.CompareTo(b.Rank)));
    private long _last;

    private readonly List<Walk> _walks = []; // none, or one nearly always

    // Somebody goes through them.
    private sealed class Walk
    {
        private readonly HashSet<KnownDevice> _passed = [];

        /// <summary>What it goes through; null at the end.</summary>
        public LinkedList<KnownDevice>? Of { get; set; }

        public LinkedListNode<KnownDevice>? Next { get; set; }

        /// <summary>Those that have come to a place behind it, each once.</summary>
        public Queue<KnownDevice> Again { get; } = new();

        public void Placed(KnownDevice device, bool isBehind)
        {
            if (device.OfAll.List == Of)
                Next ??= device.OfAll; // the last may have been next, and have gone to the end
            else if (isBehind && _passed.Add(device))
                Again.Enqueue(device);
        }
    }

    private sealed class OfOwner
    {
        public LinkedList<KnownDevice> Away { get; } = new();

        public LinkedList<KnownDevice> Here { get; } = new();

        /// <summary>Its place among the owners; the least loses a device first. Each is another, by its last number.</summary>
        public (bool IsNoneAway, int LessThanNone, long Since) Rank { get; set; }

        public int Count => Away.Count + Here.Count;

        public KnownDevice First => (Away.First ?? Here.First)!.Value;
    }

    /// <summary>The device that is forgotten next; null when there is none.</summary>
    public KnownDevice? First => _owners.Min?.First;

    /// <summary>The same of one owner.</summary>
    public KnownDevice? FirstOf(Owner owner) => _byOwner.GetValueOrDefault(owner)?.First;

    /// <summary>A device is known from now on, and is away; or it has left.</summary>
    public void Left(KnownDevice device) => Place(device, isHere: false);

    /// <summary>It has connected.</summary>
    public void Came(KnownDevice device) => Place(device, isHere: true);

    /// <summary>It has connected, and is another owner's from now on.</summary>
    public void CameAs(KnownDevice device, Owner owner)
    {
        Remove(device);
        device.Owner = owner;
        Place(device, isHere: true);
    }

    /// <summary>It is not known any more.</summary>
    public void Remove(KnownDevice device)
    {
        LeaveAll(device);
        OfOwner of = _byOwner[device.Owner];
        device.OfOwner.List!.Remove(device.OfOwner);
        Rank(device.Owner, of);
    }

    /// <summary>
    /// All of them: those that are away, by when they left, and then those that are here, by when they came. It may take many turns: one that comes or leaves meanwhile may be met twice, and none is
    /// missed.
    /// </summary>
    public IEnumerable<KnownDevice> All()
    {
        Walk walk = new();
        _walks.Add(walk);
        try
        {
            foreach (LinkedList<KnownDevice> list in (LinkedList<KnownDevice>[])[_away, _here])
            {
                walk.Of = list;
                for (walk.Next = list.First; walk.Next is { } node;)
                {
                    walk.Next = node.Next;
                    yield return node.Value;
                }
            }

            walk.Of = null;
            while (walk.Again.TryDequeue(out KnownDevice? device))
                if (device.OfAll.List is not null)
                    yield return device;
        }
        finally
        {
            _ = _walks.Remove(walk); // also where it is left in the middle
        }
    }

    private void Place(KnownDevice device, bool isHere)
    {
        LeaveAll(device);
        LinkedList<KnownDevice> list = isHere ? _here : _away;
        list.AddLast(device.OfAll);
        foreach (Walk walk in _walks)
            walk.Placed(device, isBehind: walk.Of is null || list == _away);

        device.OfOwner.List?.Remove(device.OfOwner);
        device.Since = ++_last;
        if (!_byOwner.TryGetValue(device.Owner, out OfOwner? of))
            _byOwner.Add(device.Owner, of = new OfOwner());
        (isHere ? of.Here : of.Away).AddLast(device.OfOwner);
        Rank(device.Owner, of);
    }

    private void LeaveAll(KnownDevice device)
    {
        foreach (Walk walk in _walks)
            if (walk.Next == device.OfAll)
                walk.Next = device.OfAll.Next;
        device.OfAll.List?.Remove(device.OfAll);
    }

    private void Rank(Owner owner, OfOwner of)
    {
        var rank = of.Count == 0 ? default : (of.Away.Count == 0, -of.Count, of.First.Since);
        if (rank == of.Rank)
            return;
        if (of.Rank.Since != 0)
            _ = _owners.Remove(of);
        of.Rank = rank;
        if (of.Count == 0)
            _ = _byOwner.Remove(owner);
        else
            _ = _owners.Add(of);
    }
}
