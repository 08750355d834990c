using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// One message on its way through the broker, still in the bytes it arrived in. It becomes a <see cref="Messages.Message"/>
/// only when somebody has to hold it, once, however many do: most messages go straight through.
/// </summary>
internal ref struct Publication
{
    public required Route Route { get; init; }

    public required QoS QoS { get; init; }

    public bool Retain { get; set; }

    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>5.0 properties to forward, encoded, without a topic alias.</summary>
    public ReadOnlySpan<byte> Properties { readonly get; set; }

    /// <summary>The packet as it arrived, when those very bytes are what a 3.x subscriber at QoS 0 gets; empty otherwise.</summary>
    public ReadOnlySpan<byte> ForwardablePacket { readonly get; set; }

    /// <summary>That packet is one of 5.0.</summary>
    public bool IsForwardableV5 { get; init; }

    public Subscriber? Publisher { get; init; }

    /// <summary>Whose share it takes where it is retained; null for nobody's.</summary>
    public Owner? Owner { get; init; }

    /// <summary>Who pays for the time that it takes; null for the gateway.</summary>
    public Owner? PaidBy { readonly get => field ?? Owner; init; }

    public Origin Origin { get; init; }

    /// <summary>It has been here before, and an upstream has sent it back: it is for nobody but its target, if that is here.</summary>
    public bool IsBack { get; init; }

    /// <inheritdoc cref="Message.IsMadeAnew"/>
    public bool IsMadeAnew { get; init; }

    public required long NowMs { get; init; }

    /// <summary>Milliseconds that it may have waited before it came, which nothing in it says; <see cref="long.MaxValue"/> where nobody knows.</summary>
    public long WaitedMs { get; init; }

    /// <summary>Monotonic milliseconds after which nobody gets the message any more.</summary>
    public long ExpiresMs { get; private set; } = long.MaxValue;

    /// <summary>Its number for the one who follows messages; 0 where nobody does.</summary>
    public uint TraceNumber { get; set; }

    /// <summary>Where it is more than one turn may do, its publisher waits for <see cref="Left"/>, and is answered then. Without that whoever publishes it is done with it at once.</summary>
    public bool HoldsPublisher { get; init; }

    /// <summary>It goes to all in this turn, however many they are: there is no room for what would be left.</summary>
    public bool IsAtOnce { get; set; }

    /// <summary>What of it goes in later turns; null when it has gone to all.</summary>
    public FanOut? Left { get; set; }

    /// <summary>As an object; null while nobody has had to hold it.</summary>
    public Message? Held { readonly get => _message; init => _message = value; }

    private Message? _message;

    public Publication()
    {
    }

    /// <summary>The message expires after this many seconds at the latest.</summary>
    public void LimitLifetime(uint? seconds)
    {
        if (seconds is { } limit)
            ExpiresMs = Math.Min(ExpiresMs, NowMs + (limit * 1000L));
    }

    /// <inheritdoc cref="LimitLifetime"/>
    public void LimitLifetimeMs(long ms) => ExpiresMs = Math.Min(ExpiresMs, ms < long.MaxValue - NowMs ? NowMs + ms : long.MaxValue);

    /// <summary>One more property is forwarded. Before anybody holds the message.</summary>
    /// <param name="property">Encoded.</param>
    public void Add(scoped ReadOnlySpan<byte> property)
    {
        if (property.IsEmpty)
            return;
        Properties = (byte[])[.. Properties, .. property];
        ForwardablePacket = default;
        _message = null; // who has looked on has it without
    }

    /// <summary>Somebody may have to wait for the message who outlives the process.</summary>
    public readonly bool HasToBeKept => !IsVolatile && IsForSomebodyDurable;

    /// <summary>
    /// It is not to be written to the disk. At QoS 2 it is all the same: a subscriber that is back after a restart knows the Packet Identifier under which it
    /// has it, and the gateway must know it, too, or the next message under it would be taken for this one.
    /// </summary>
    public readonly bool IsVolatile => Route.IsVolatile && QoS != QoS.ExactlyOnce;

    private readonly bool IsForSomebodyDurable =>
        Retain || Route.P2PTarget is not null || (Route.IsRelayed && Origin != Origin.Upstream)
        || Route.Groups.Length > 0 || Route.Recipients.Any(static r => r.Subscriber.IsDurable);

    /// <summary>Bytes of its topic, properties and payload: what the disk has of it.</summary>
    public readonly int ContentBytes => Route.TopicUtf8.Length + Properties.Length + Payload.Length;

    /// <summary>Bytes of the message, as limits count them (<see cref="Message.Bytes"/>).</summary>
    public readonly int MessageBytes => Message.BytesOf(Payload.Length + Properties.Length, Route.TopicUtf8.Length);

    /// <summary>Bytes of a packet that has it, at most: fixed header, lengths, Packet Identifier and a Subscription Identifier have 20.</summary>
    public readonly int PacketBytes => ContentBytes + 20;

    /// <summary>
    /// It may go to a recipient in a later turn than to others. Who acknowledges it and may come back for it may not, unless its publisher is answered behind all of them: what was answered is
    /// on the disk, and at QoS 2 it is there together with the Packet Identifier it came under.
    /// </summary>
    public readonly bool MayGoLater(in Recipient to) =>
        IsAllToGoLater || to.QoS == QoS.AtMostOnce || !to.Subscriber.IsDurable;

    /// <summary>It may, whoever the recipient is.</summary>
    public readonly bool IsAllToGoLater => QoS == QoS.AtMostOnce || (HoldsPublisher && QoS != QoS.ExactlyOnce);

    /// <summary>The message as an object, made at the first call.</summary>
    public Message Hold() => _message ??= new Message
    {
        Topic = Route.Topic,
        TopicUtf8 = Route.TopicUtf8,
        Payload = Payload.ToArray(),
        Properties = Properties.IsEmpty ? [] : Properties.ToArray(),
        QoS = QoS,
        Retain = Retain,
        IsP2P = Route.P2PTarget is not null,
        IsVolatile = IsVolatile,
        IsMadeAnew = IsMadeAnew,
        Origin = Origin,
        AcceptedMs = NowMs,
        ExpiresMs = ExpiresMs,
        TraceNumber = TraceNumber,
    };
}
