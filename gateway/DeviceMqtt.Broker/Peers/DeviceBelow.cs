using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// One device that gateways below are subscribed for: those gateways, the one that had it last at the end, and what each has told of its presence. Or this gateway has it: then none of them.
/// Owned by the turn.
/// </summary>
internal sealed class DeviceBelow
{
    private readonly List<Claim> _claims = [];

    /// <summary>It was seen here last, and no gateway below has told since that it has it.</summary>
    public bool IsHere { get; set; }

    public int Count => _claims.Count;

    /// <summary>The gateways, the one that had it last at the end.</summary>
    public IReadOnlyList<Claim> Claims => _claims;

    /// <summary>The gateway below that has it; null while it is here.</summary>
    public Claim? Holder => IsHere || _claims.Count == 0 ? null : _claims[^1];

    public Claim? Find(Session bridge) => _claims.Find(c => c.Bridge == bridge);

    public Claim? Find(string bridge) => _claims.Find(c => c.Bridge.ClientId == bridge);

    /// <summary>A gateway is subscribed for it from now on.</summary>
    /// <param name="claim">Its claim.</param>
    /// <param name="isLast">Nobody has it but that one, as far as anybody knows.</param>
    public void Add(Claim claim, bool isLast) => _claims.Insert(isLast ? _claims.Count : 0, claim);

    /// <summary>One of a recovery, in the order of the journal.</summary>
    public void AddInOrder(Claim claim)
    {
        int at = _claims.Count;
        while (at > 0 && _claims[at - 1].Order > claim.Order)
            at--;
        _claims.Insert(at, claim);
    }

    public void Remove(Claim claim) => _claims.Remove(claim);

    /// <summary>The device is there.</summary>
    /// <param name="claim">Of the gateway below that has it.</param>
    /// <param name="isCertain">It has come there just now. What the others have told before is of earlier days.</param>
    public void MoveTo(Claim claim, bool isCertain)
    {
        _ = _claims.Remove(claim);
        _claims.Add(claim);
        IsHere = false;
        if (isCertain)
            Leave();
        claim.IsPast = false;
    }

    /// <summary>None of the gateways below has it any more: what they have told is of earlier days.</summary>
    public void Leave()
    {
        foreach (Claim claim in _claims)
            claim.IsPast = true;
    }

    /// <summary>The one of them that told last that it has the device, and has not taken that back; null for none.</summary>
    public Claim? FindOnline() => _claims.FindLast(static c => c.HasIt);

    /// <summary>What one gateway below says of the device.</summary>
    /// <param name="bridge">Its Session.</param>
    public sealed class Claim(Session bridge)
    {
        public Session Bridge { get; } = bridge;

        /// <summary>Its Topic Filters for the device: mostly one.</summary>
        public List<string> Filters { get; } = new(1);

        /// <summary>Of a recovery: which record of the journal said so.</summary>
        public long Order { get; set; }

        /// <summary>What it told last.</summary>
        public PresenceWord Word { get; set; }

        /// <summary>The device was seen elsewhere since.</summary>
        public bool IsPast { get; set; }

        /// <summary>It is connected, and has the device there, as it says itself.</summary>
        public bool SaysOnline => Word == PresenceWord.Online && HasIt;

        /// <summary>The same, also where it says no more than that the device has come: its presence has no RETAIN where too many Wills are held.</summary>
        public bool HasIt => (Word is PresenceWord.Online or PresenceWord.Came) && !IsPast && Bridge.IsConnected;
    }
}
