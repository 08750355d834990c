using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// Says what is dropped: the first message of a reason and an owner at once, then how many more there were, once a minute. A million drops
/// a second are a million increments.
/// <list type="bullet">
/// <item>So many owners of a reason have lines of their own; the others are counted together. A reason never takes the lines of another.</item>
/// <item>An owner of whom nothing was dropped for a minute is forgotten: its next drop is said at once again.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class DropLog(ILogger log, GatewayLimits limits, Turn turn, GroupPolicies policies)
{
    /// <summary>Owners of one reason that have lines of their own at the same time. Chosen: who looks for the cause needs no more names.</summary>
    public const int OwnersMax = 10;

    private const long MinuteMs = 60_000;
    private const int TextCharactersMax = 200; // chosen: our own names fit, a Topic Name may have 65,535
    private readonly Owners?[] _byReason = new Owners?[DropReasons.Count];
    private long? _beganMs;

    /// <summary>Who has a Client Identifier now; null where nobody knows.</summary>
    public Func<string, ClientName?>? Who { get; set; }

    private sealed class Owners
    {
        public Dictionary<DropOwner, Counted> Named { get; } = [];

        public DropOwner Last { get; set; }

        /// <summary>The one of <see cref="Last"/>; null for none, or one without lines of its own.</summary>
        public Counted? LastCounted { get; set; }

        /// <summary>Drops since the last line, of owners without lines of their own.</summary>
        public long Others { get; set; }
    }

    private sealed class Counted
    {
        /// <summary>Drops since the last line.</summary>
        public long Count { get; set; }
    }

    /// <summary>One more drop.</summary>
    public void Add(in Drop drop)
    {
        Owners owners = _byReason[(int)drop.Reason] ??= new Owners();
        // Drops come in swarms: most are of the owner of the one before.
        if (owners.LastCounted is { } last && ReferenceEquals(owners.Last.Name, drop.Owner.Name) && owners.Last.Kind == drop.Owner.Kind)
            last.Count++;
        else
            AddToAnother(owners, drop);
    }

    /// <summary>Says how many more were dropped, once a minute while there is something to say.</summary>
    public void ReportMinute()
    {
        if (_beganMs is { } began && turn.NowMs - began >= MinuteMs)
            Report();
    }

    /// <summary>Says what was not said yet, without waiting for the end of the minute.</summary>
    public void Report()
    {
        _beganMs = null;
        for (int i = 0; i < _byReason.Length; i++)
            if (_byReason[i] is { } owners)
                Report((DropReason)i, owners);
    }

    private void AddToAnother(Owners owners, in Drop drop)
    {
        _beganMs ??= turn.NowMs;
        DropOwner named = drop.Owner.Name.Length <= TextCharactersMax ? drop.Owner : drop.Owner with { Name = drop.Owner.Name[..TextCharactersMax] };
        if (!owners.Named.TryGetValue(named, out Counted? counted))
        {
            if (owners.Named.Count >= OwnersMax)
            {
                owners.Others++;
                return;
            }

            owners.Named.Add(named, counted = new Counted());
            DropWords words = WordsFor(drop.Reason, drop.Owner);
            string topic = SafeText.Of(drop.Topic, TextCharactersMax);
            LoggedOwner owner = OwnerOf(drop.Owner);
            if (topic.Length == 0)
                log.DroppedUnread(words.Level, owner, drop.Reason, words);
            else
                log.Dropped(words.Level, owner, drop.PayloadBytes, topic, drop.Reason, words);
        }
        else
        {
            counted.Count++;
        }

        owners.Last = named;
        owners.LastCounted = counted;
    }

    private void Report(DropReason reason, Owners owners)
    {
        DropWords words = DropWords.For(reason, limits); // of those without lines of their own
        owners.LastCounted = null;
        foreach ((DropOwner owner, Counted counted) in owners.Named.ToArray())
        {
            if (counted.Count == 0)
            {
                _ = owners.Named.Remove(owner);
                continue;
            }

            LoggedOwner logged = OwnerOf(owner);
            DropWords itsWords = WordsFor(reason, owner);
            log.MoreDropped(itsWords.Level, logged, counted.Count, reason, itsWords);
            counted.Count = 0;
        }

        if (owners.Others > 0)
            log.MoreDropped(words.Level, LoggedOwner.Others, owners.Others, reason, words);
        owners.Others = 0;
        if (owners.Named.Count > 0)
            _beganMs = turn.NowMs;
    }

    private DropWords WordsFor(DropReason reason, in DropOwner owner) =>
        reason == DropReason.MailboxFull ? DropWords.ForMailbox(owner.Name, limits, policies) : DropWords.For(reason, limits);

    private LoggedOwner OwnerOf(in DropOwner owner) => new(owner with { Name = SafeText.Of(owner.Name, TextCharactersMax) }, owner.Kind == DropOwnerKind.Client ? Who?.Invoke(owner.Name) : null);
}
