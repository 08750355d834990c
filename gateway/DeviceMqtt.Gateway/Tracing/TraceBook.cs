using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Client.Reading;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>
/// Notes the way of each message: all of them in a ring, and those that somebody asked to keep for longer as stories of their own. While nothing
/// is noted the broker does not know of it. Owned by the turn.
/// </summary>
internal sealed class TraceBook : IMessageTrace
{
    /// <summary>Rules that may be there at once.</summary>
    public const int RulesMax = 16;

    /// <summary>
    /// Steps a second that are noted in the ring: so many, and no further message is followed, of which it says how many there were. Those of a rule are followed
    /// whatever their number. Chosen: 20,000 messages with one receiver each, what a small machine is for, many times over; a message for two hundred has two hundred steps.
    /// </summary>
    public const int StepsPerSecondMax = 40_000;

    /// <summary>In <see cref="TraceEvent.Code"/> of a message whose publisher is not answered; no reason code.</summary>
    public const byte NotAnswered = 0xFF;

    /// <summary>In <see cref="TraceEvent.More"/> of a message with RETAIN, beside its QoS.</summary>
    public const byte RetainMark = 0x04;

    // Of a name as long as this its owner has it anyway: a Session, or a topic that is in use.
    private const int CharsForNothing = 64;
    private readonly Turn _turn;
    private readonly BrokerCounters _counters;
    private readonly CommandEnvelope _command = new();
    private readonly CommandAnswer _answer = new();
    private readonly List<TraceRule> _rules = [];
    private const int WindowBits = 7; // of milliseconds
    private long _window;
    private int _inWindow;
    private long _lastAccepted = -1;
    private const long CloseMs = 60_000;
    private long _closedMs = long.MinValue / 2;
    private uint _number;

    public TraceBook(TraceOptions options, BrokerCounters counters, Turn turn)
    {
        _turn = turn;
        _counters = counters;
        Kept = new TraceStories(options.KeptBytesMax);
        KeptBytesMax = options.KeptBytesMax;
        Use(options.BytesMax);
    }

    /// <summary>The last events of all messages; null when only what somebody asks for is kept.</summary>
    public TraceRing? Ring { get; private set; }

    /// <summary>Messages of the rules.</summary>
    public TraceStories Kept { get; }

    public int KeptBytesMax { get; }

    /// <summary>Messages that were not noted because too many came at once, since the start.</summary>
    public long Skipped { get; private set; }

    public IReadOnlyList<TraceRule> Rules => _rules;

    /// <summary>Another ring from now on: what was noted in the one before is forgotten. With the same bytes nothing changes.</summary>
    /// <param name="bytesMax">Bytes of memory for it; 0 for none, and only what somebody asks for is kept.</param>
    public void Use(int bytesMax)
    {
        if (bytesMax != (Ring?.BytesMax ?? 0))
            (Ring, _lastAccepted) = (bytesMax == 0 ? null : new TraceRing(bytesMax), -1);
        SetOn();
    }

    /// <summary>Keeps the messages of a rule from now on; one of the same text is there for longer then.</summary>
    /// <returns>False when as many are there as may.</returns>
    public bool TryKeep(TraceRule rule)
    {
        ForgetRules();
        if (_rules.Find(r => r.Text == rule.Text && r.IsClient == rule.IsClient) is { } known)
        {
            known.EndsMs = rule.EndsMs;
            return true;
        }

        if (_rules.Count >= RulesMax)
            return false;
        _rules.Add(rule);
        SetOn();
        return true;
    }

    /// <summary>Ends a rule. What was kept by it stays to be looked at, as long as there is room.</summary>
    public bool End(string text)
    {
        bool isThere = _rules.RemoveAll(rule => rule.Text == text) > 0;
        SetOn();
        return isThere;
    }

    public uint Accepted(in Publication publication)
    {
        // In a flood: nothing but this.
        if (_rules.Count == 0 && !MayNote(publication.NowMs))
            return IMessageTrace.NotFollowed;
        return Note(publication);
    }

    // Of a backlog: each would have three steps. What somebody asked to keep is followed to its end.
    public uint Found() => IsKeeping || MayNote(_turn.NowMs) ? 0 : IMessageTrace.NotFollowed;

    private uint Note(in Publication publication)
    {
        bool mayNote = _rules.Count == 0 || MayNote(publication.NowMs);
        ForgetRules();
        // $SYS is figures, 80 of them every few seconds: nobody looks for one.
        bool isFigure = publication.Origin == Origin.Gateway && publication.Route.Topic.StartsWith("$SYS/", StringComparison.Ordinal);
        bool isKept = !isFigure && IsKept(publication);
        if (isFigure || (!isKept && !mayNote))
            return IMessageTrace.NotFollowed;
        if (++_number == IMessageTrace.NotFollowed)
            BeginAgain();
        Session? publisher = publication.Publisher as Session;
        string topic = publication.Route.Topic;
        TraceEvent accepted = new()
        {
            Kind = TraceKind.Accepted,
            Number = _number,
            Topic = topic,
            Name = publisher?.ClientId,
            Detail = publisher?.Connection?.Remote,
            Ms = publication.NowMs,
            Value = publication.Payload.Length,
            Of = (byte)publication.Origin,
            More = (byte)((byte)publication.QoS | (publication.Retain ? RetainMark : 0)),
            Code = NotAnswered,
            Charge = TraceRing.EventBytes + (2 * topic.Length),
        };
        _lastAccepted = Ring?.Next ?? -1;
        _inWindow++;
        Ring?.Add(accepted);
        if (isKept)
            Kept.Take(accepted, isWanted: true);
        if (publication.Route.P2PTarget is not null && IdOf(publication.Payload) is { } id)
            Add(new TraceEvent { Kind = TraceKind.Named, Number = _number, Topic = id, Ms = publication.NowMs, Charge = TraceRing.EventBytes + (2 * id.Length) });
        return _number;
    }

    public void Answered(uint number, Kept kept, ReasonCode code)
    {
        if (number is 0 or IMessageTrace.NotFollowed)
            return;
        long position = kept.IsNoRoom ? 0 : kept.Position;
        // Most are answered before another comes: the note of its coming has room for that.
        if (Ring is not null && _lastAccepted >= Ring.First && Ring.At(_lastAccepted) is { Kind: TraceKind.Accepted } last && last.Number == number)
        {
            ref TraceEvent accepted = ref Ring.At(_lastAccepted);
            accepted.Code = (byte)code;
            accepted.Position = position;
            if (!IsKeeping)
                return;
        }

        TraceEvent answered = new() { Kind = TraceKind.Answered, Number = number, Code = (byte)code, Position = position, Ms = _turn.NowMs, Charge = TraceRing.EventBytes };
        Add(answered);
    }

    public void Held(uint number, long entry, in DropOwner owner, LedgerClass ledgerClass, long position)
    {
        if (number is not 0 and not IMessageTrace.NotFollowed)
            Add(Step(TraceKind.Held, number, entry, owner, (byte)ledgerClass) with { Position = position });
    }

    public void Handed(uint number, long entry, in DropOwner owner, DeliveryResult result, QoS qos, ushort packetId)
    {
        // Also of one that nobody knows: its Packet Identifier is not that of an earlier message any more.
        if (IsFollowed(number, entry) || (packetId != 0 && number != IMessageTrace.NotFollowed))
            Add(Step(TraceKind.Handed, number, entry, owner, (byte)result) with { More = (byte)qos, Value = packetId });
    }

    public void Acknowledged(in DropOwner owner, PacketType ack, ushort packetId, bool isError) =>
        Add(Step(TraceKind.Acknowledged, number: 0, entry: 0, owner, (byte)ack) with { More = isError ? (byte)1 : (byte)0, Value = packetId });

    public void FlowEnded(in DropOwner owner) => Add(Step(TraceKind.FlowEnded, number: 0, entry: 0, owner, code: 0));

    public void Settled(uint number, long entry, Outcome outcome)
    {
        if (entry != 0 && number != IMessageTrace.NotFollowed) // of those in memory alone the acknowledgement or the drop has said it
            Add(new TraceEvent { Kind = TraceKind.Settled, Number = number, Entry = entry, Code = outcome.Value, Ms = _turn.NowMs, Charge = TraceRing.EventBytes });
    }

    public void Dropped(uint number, long entry, in Drop drop)
    {
        if (IsFollowed(number, entry))
            Add(Step(TraceKind.Dropped, number, entry, drop.Owner, (byte)drop.Reason));
    }

    public void Durable(long position) => Add(new TraceEvent { Kind = TraceKind.Durable, Position = position, Ms = _turn.NowMs, Charge = TraceRing.EventBytes });

    public void ToldBelow(string gateway, ReadOnlySpan<byte> receipt)
    {
        if (receipt.Length > WireLimits.CommandBytesMax || ReceiptText.Read(receipt.ToArray()) is not { Id.Length: > 0 } told)
            return;
        string words = told.Reason.Length == 0 ? told.Status : $"{told.Status}, {told.Reason}";
        Add(new TraceEvent { Kind = TraceKind.ToldBelow, Topic = told.Id, Name = gateway, Detail = words, Ms = _turn.NowMs, Charge = TraceRing.EventBytes + (2 * (told.Id.Length + words.Length)) });
    }

    private void Add(in TraceEvent happened)
    {
        _inWindow++;
        Ring?.Add(happened);
        if (!IsKeeping)
            return;
        Kept.Take(happened, isWanted: false);
        if (_rules.Count == 0 && _turn.NowMs - _closedMs >= CloseMs)
            CloseSettled();
    }

    // Nobody asks for more of them: what is under way is followed to its end.
    private void CloseSettled()
    {
        _closedMs = _turn.NowMs;
        Kept.CloseSettled(_closedMs);
    }

    private bool IsKeeping => _rules.Count > 0 || Kept.HasOpen;

    // Numbers come again: those of before are of no story any more.
    private void BeginAgain()
    {
        Kept.CloseAll();
        _number = 1; // 0 is none
    }

    // 0: it was on the disk alone, or came before anybody followed. Its entry says whether it is one that is known.
    private static bool IsFollowed(uint number, long entry) => number != IMessageTrace.NotFollowed && (number != 0 || entry != 0);

    // In a flood the ring would not last for the blink of an eye, and to note each message would slow it down.
    private bool MayNote(long nowMs)
    {
        if (Ring is null)
            return false;
        if (nowMs >> WindowBits != _window)
            (_window, _inWindow) = (nowMs >> WindowBits, 0);
        if (_inWindow < StepsPerSecondMax * (1 << WindowBits) / 1000)
            return true;
        Skipped++;
        return false;
    }

    private bool IsKept(in Publication publication)
    {
        foreach (TraceRule rule in _rules)
            if (rule.Wants(publication))
                return true;
        return false;
    }

    private void ForgetRules()
    {
        if (_rules.Count > 0 && _rules.RemoveAll(rule => _turn.NowMs >= rule.EndsMs) > 0)
            SetOn();
    }

    private void SetOn()
    {
        if (_rules.Count == 0)
            CloseSettled();
        _counters.Trace = Ring is not null || _rules.Count > 0 ? this : null;
    }

    private string? IdOf(ReadOnlySpan<byte> payload)
    {
        if (payload.Length is 0 or > WireLimits.CommandBytesMax)
            return null;
        byte[] bytes = payload.ToArray();
        string id = _command.TryRead(bytes, 0, bytes.Length) && _command.IsCommand ? _command.Id
            : _answer.TryRead(bytes, 0, bytes.Length) ? _answer.Id : "";
        return id.Length == 0 ? null : id;
    }

    private TraceEvent Step(TraceKind kind, uint number, long entry, in DropOwner owner, byte code) => new()
    {
        Kind = kind,
        Number = number,
        Entry = entry,
        Name = owner.Name,
        Of = (byte)owner.Kind,
        Code = code,
        Ms = _turn.NowMs,
        Charge = ChargeOf(owner.Name),
    };

    private static int ChargeOf(string name) => TraceRing.EventBytes + (name.Length <= CharsForNothing ? 0 : 2 * name.Length);
}
