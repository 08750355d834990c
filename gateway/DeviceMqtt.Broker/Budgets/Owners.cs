using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Budgets;

/// <summary>
/// All who have something, and what all have together. An owner is here while anything is its own: their number is bounded by what
/// they have. Owned by the turn.
/// </summary>
internal sealed class Owners
{
    private const int Percent = 100;
    private const int SweepFrom = 64;
    private const int SweepBeats = 60;
    private const int SweepPart = 8; // chosen: those that have nothing any more take memory, and a look at all of them costs each that comes eight looks

    // What strangers send before their CONNECT. Chosen: as much as one user may have, however many addresses they come from.
    private const int StrangersPercent = 25;

    // What waits for upstreams, and what is not known to be anybody's. Chosen: not so much that clients find no room.
    private const int NobodysPercent = 50;

    private static readonly Good[] Goods = [Good.Memory, Good.Connections, Good.HalfOpen, Good.Sessions, Good.Devices, Good.RetainedMessages, Good.RetainedBytes, Good.QueueBytes, Good.BlockedBytes]; // written out: enums are looked up by reflection
    private readonly Dictionary<(string Name, int Percent), Owner> _owners = [];
    private readonly Account[] _all;
    private readonly GatewayLimits _limits;
    private readonly Account _strangers;
    private int _sweepAt = SweepFrom;
    private long _beats;
    private readonly TurnTime _time = new();

    public Owners(GatewayLimits limits)
    {
        _limits = limits;
        _all = Array.ConvertAll(Goods, good => new Account(MaxOf(good)));
        _strangers = new Account(ShareOf(this[Good.Memory].Max, StrangersPercent), this[Good.Memory]) { KeepsTheLast = true };
        Restored = new Owner("what was there before the start", Array.ConvertAll(_all, static all => new Account(all.Max, all) { MayTakeTheLast = true }), Percent, _time);
        Nobody = new Owner("nobody", Array.ConvertAll(Goods, good => new Account(NobodysMax(good), this[good]) { MayTakeTheLast = good != Good.Memory }), Percent, _time);
    }

    /// <summary>The gateway itself, upstreams, and what a journal of an older version says no owner of.</summary>
    public Owner Nobody { get; }

    /// <summary>Whatever a recovery finds, until its client is back: it fitted before.</summary>
    public Owner Restored { get; }

    public int Count => _owners.Count;

    /// <summary>What they take in memory themselves, whatever they have.</summary>
    public long OwnBytes => _owners.Values.Sum(static owner => (long)owner.Bytes);

    /// <summary>Of all together.</summary>
    public Account this[Good good] => _all[(int)good];

    /// <summary>Whoever connects from there, before its CONNECT is accepted.</summary>
    public Owner At(EndPoint? remote) => Get(AddressOf(remote), userName: null, _limits.SharePercentMax, isOperator: false, isStranger: true);

    /// <summary>The owner of what an accepted client has.</summary>
    /// <param name="user">The user that it connected as; null where there is none: then its address counts.</param>
    /// <param name="remote">Where it connects from; null where nobody knows.</param>
    /// <param name="role">What it may do.</param>
    public Owner Of(string? user, EndPoint? remote, ClientRole role)
    {
        int percent = role switch
        {
            ClientRole.Operator => _limits.OperatorSharePercentMax,
            ClientRole.Bridge => _limits.BridgeSharePercentMax,
            _ => _limits.SharePercentMax,
        };
        return Get(user is null ? AddressOf(remote) : $"user '{user}'", user, percent, role == ClientRole.Operator, isStranger: false);
    }

    /// <summary>Connections without a CONNECT have so little memory together that others have it.</summary>
    public bool HaveStrangersLittle => Account.IsLittle(_strangers.Used, this[Good.Memory].Max);

    /// <summary>Why there is no memory for so many bytes, for the log: what was asked for, whose account is full, and what it has.</summary>
    /// <param name="owner">Who asks.</param>
    /// <param name="bytes">What is asked for.</param>
    /// <param name="own">The account of the connection or Session that asks; null where the owner does.</param>
    public string WhyNoMemory(Owner owner, long bytes, Account? own = null)
    {
        Account asks = own ?? owner[Good.Memory];
        string has = asks.Refusing(bytes, out long kept) switch
        {
            null => $"{owner.Name} has {owner[Good.Memory].Used} of its {owner[Good.Memory].Max}, and packets that are not whole leave some of it (Limits:MemoryBytesMax, Limits:SharePercentMax)",
            var full when full == owner[Good.Memory] => $"{owner.Name} has {full.Used} of its {full.Max} (Limits:MemoryBytesMax, Limits:SharePercentMax)",
            var full when full == _strangers => $"all connections without a CONNECT have {full.Used} of their {full.Max} together (Limits:MemoryBytesMax)",
            var full when full == this[Good.Memory] => $"all together have {full.Used} of {full.Max}, the last {kept} are for users that have less, and {owner.Name} has {owner[Good.Memory].Used} (Limits:MemoryBytesMax)",
            var full => $"it has {full.Used} of its {full.Max} (Limits:ConnectionMemoryBytesMax)",
        };
        return $"no memory for {bytes} bytes more: {has}";
    }

    /// <summary>A recovery begins, or has ended: until then what the disk has is bounded by what all together may have, and by no share.</summary>
    public bool IsRestoring
    {
        set
        {
            foreach (Account all in _all)
                all.IsRestoring = value;
        }
    }

    /// <summary>The limits are others than they were. Who has more than its new share keeps it, and gets no more before it has less.</summary>
    public void UseLimits()
    {
        foreach (Good good in Goods)
            this[good].Max = MaxOf(good);
        _strangers.Max = ShareOf(this[Good.Memory].Max, StrangersPercent);
        foreach (Good good in Goods)
        {
            Restored[good].Max = this[good].Max;
            Nobody[good].Max = NobodysMax(good);
            foreach (((string Name, int Percent) key, Owner owner) in _owners)
                owner[good].Max = ShareOf(this[good].Max, key.Percent);
        }

        foreach (((string Name, int Percent) key, Owner owner) in _owners)
            owner.PendingBytesMax = ShareOf(_limits.JournalPendingBytesMax, key.Percent);
    }

    /// <summary>Forgets those who have nothing any more, once a minute however many there are. Called with each beat.</summary>
    public void Beat()
    {
        if (++_beats % SweepBeats == 0)
            _sweepAt = Math.Min(_sweepAt, Math.Max(SweepFrom, _owners.Count));
        Sweep();
    }

    private void Sweep()
    {
        if (_owners.Count < _sweepAt)
            return;
        (long strangers, long others) = (0, 0);
        foreach ((var key, Owner owner) in _owners)
        {
            if (!owner.IsIdle(_time.NowUs))
                continue;
            _ = _owners.Remove(key);
            if (owner.IsStranger)
                strangers += owner.Bytes;
            else
                others += owner.Bytes;
        }

        _strangers.Give(strangers);
        this[Good.Memory].Give(others);
        _sweepAt = _owners.Count + Math.Max(SweepFrom, _owners.Count / SweepPart);
    }

    /// <summary>The same at once, for one that has lost something: what it takes itself is given back with it.</summary>
    public void ForgetIfIdle(Owner owner)
    {
        if (_owners.GetValueOrDefault((owner.Name, owner.SharePercent)) != owner || !owner.IsIdle(_time.NowUs))
            return;
        _ = _owners.Remove((owner.Name, owner.SharePercent));
        PayerOf(owner).Give(owner.Bytes);
    }

    // What an owner takes itself counts for all together, and not for its share: it is there for the first thing that is its own, however small that is.
    private Account PayerOf(Owner owner) => owner.IsStranger ? _strangers : this[Good.Memory];

    private Owner Get(string name, string? userName, int percent, bool isOperator, bool isStranger)
    {
        if (isStranger)
            name += " before CONNECT";
        if (_owners.TryGetValue((name, percent), out Owner? owner))
            return owner;
        Sweep();
        Account[] accounts = new Account[Goods.Length];
        for (int i = 0; i < accounts.Length; i++)
            accounts[i] = new Account(ShareOf(_all[i].Max, percent), isStranger && (Good)i == Good.Memory ? _strangers : _all[i]) { MayTakeTheLast = isOperator };
        owner = new Owner(name, accounts, percent, _time)
        {
            UserName = userName,
            IsStranger = isStranger,
            Bytes = MemoryCost.Owner(name, userName),
            PendingBytesMax = ShareOf(_limits.JournalPendingBytesMax, percent),
        };
        PayerOf(owner).Take(owner.Bytes);
        _owners.Add((name, percent), owner);
        return owner;
    }

    private static long ShareOf(long max, int percent) => Math.Max(1, max / Percent * percent + (max % Percent * percent / Percent));

    private long NobodysMax(Good good) => good == Good.Memory ? ShareOf(this[good].Max, NobodysPercent) : this[good].Max;

    private long MaxOf(Good good) => good switch
    {
        Good.Memory => MemoryPlan.ForClients(_limits),
        Good.Connections => _limits.ConnectionsMax,
        Good.HalfOpen => Math.Min(_limits.HalfOpenConnectionsMax, _limits.ConnectionsMax),
        Good.Sessions => _limits.SessionsMax,
        Good.Devices => _limits.KnownDevicesMax,
        Good.RetainedMessages => _limits.RetainedMessagesMax,
        Good.RetainedBytes => _limits.RetainedBytesMax,
        Good.QueueBytes => _limits.QueueBytesTotalMax,
        Good.BlockedBytes => _limits.JournalFullBytesMax,
        _ => throw new ArgumentOutOfRangeException(nameof(good), good, "a good without a bound"),
    };

    // One household or one attacker has a whole /64 of IPv6; in a network that this machine is in itself each address is another neighbour.
    private static string AddressOf(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
            return "an address that is not known";
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
            return $"address {(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}";
        if (HouseNetworks.Contain(address))
            return $"address {new IPAddress(address.GetAddressBytes())}"; // without the interface
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"address {new IPAddress(bytes)}/64";
    }
}
