using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Sending;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Presence;

/// <summary>
/// Has the upstream hold the retained Wills of the clients here, so that no device is shown online there while its gateway is
/// cut off. A connection has one Will (section 3.1.2.5), so each has a connection of its own (<see cref="WillLink"/>).
/// <list type="bullet">
/// <item>What is published with RETAIN to the topic of such a Will goes up with RETAIN only while the upstream holds the
/// Will: otherwise nobody would take it back.</item>
/// <item>When it holds it, and has not what is retained here, that is sent once more.</item>
/// <item>A retained message that a later one has replaced here goes up without RETAIN.</item>
/// <item>The Will of a client that has left is dropped upstream when the upstream has acknowledged what is retained here then.</item>
/// <item>There are such connections only while the relay is connected, or has ended its connection itself to make another one soon, and at most <see cref="RelayOptions.DeviceWillsMax"/>.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed partial class DeviceWills(BrokerState broker, RelayOptions options, UpstreamDialect dialect, RelaySender sender, RelayWorld world, ILogger log) : IRetainRule
{
    private const long ComesBackMs = 60_000; // chosen: twice the longest pause between two tries
    private const long LingerMs = 5_000; // chosen: what is not acknowledged by then may have been dropped, and is sent once more

    private UpstreamAddress? _heldAt; // where the links are
    private readonly bool _isOn = UpstreamProfile.Find(options.Profile) is { HasWill: true, HasRetain: true };
    private readonly Dictionary<string, DeviceWill> _byClient = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeviceWill> _byTopic = new(StringComparer.Ordinal);
    private readonly List<DeviceWill> _leaving = [];
    private UplinkTerms? _terms;
    private ITimer? _ending; // runs while the links wait for the relay to come back
    private long _againMs = LaterTry.UnderWay; // no state is told again before

    /// <summary>Wills that the upstream holds.</summary>
    public int HeldCount => _byClient.Values.Count(static w => w.IsHeld);

    /// <summary>A client is here, with a Will or without.</summary>
    public void ClientCame(string clientId, WillMessage? will) => Came(clientId, will, owesState: false);

    /// <summary>
    /// The rules are others now. A Will that does not go up any more, or goes to another topic there, is left to the upstream, which publishes it: nobody would take back what is
    /// retained there. Those that go there now are held, and what is retained of them here is told.
    /// </summary>
    public void RulesChanged()
    {
        foreach (DeviceWill will in _byClient.Values.ToArray())
            if (RouteOf(will.Will)?.Topic != will.There)
                Forget(will, dropsWill: false);
        foreach (Session session in broker.Sessions.All)
            if (session.IsConnected)
                Came(session.ClientId, session.Will?.Message, owesState: true);
    }

    private void Came(string clientId, WillMessage? will, bool owesState)
    {
        DeviceWill? before = _byClient.GetValueOrDefault(clientId);
        if (will is null || RouteOf(will) is not { } route)
        {
            ClientLeft(clientId);
            return;
        }

        if (before is not null && before.IsFor(will))
        {
            before.LeftMs = null;
            _ = _leaving.Remove(before);
            return;
        }

        if (before is not null)
            Forget(before, dropsWill: false);
        // Two clients with one Will topic have no state of their own there: the newest one's counts.
        if (_byTopic.TryGetValue(will.Topic, out DeviceWill? other))
            Forget(other, dropsWill: true);
        DeviceWill mine = new(clientId, will, route.Topic) { OwesState = owesState || before is not null };
        _byTopic.Add(will.Topic, mine);
        _byClient.Add(clientId, mine);
        Connect(mine);
    }

    /// <summary>The client is gone, and its Will is published if it is to be at once.</summary>
    public void ClientLeft(string clientId)
    {
        if (!_byClient.TryGetValue(clientId, out DeviceWill? will) || will.LeftMs is not null)
            return;
        will.LeftMs = broker.Turn.NowMs;
        if (_terms is null)
        {
            Forget(will, dropsWill: false);
            return;
        }

        _leaving.Add(will);
        Release(will);
    }

    /// <summary>The upstream may keep what the Will itself says, and the state of a device whose Will it holds.</summary>
    public bool MayRetain(Message message)
    {
        if (message.Payload.Length == 0)
            return true;
        if (broker.Retained.Find(message.Topic) is { } now && now.AcceptedMs > message.AcceptedMs)
            return false;
        if (!_byTopic.TryGetValue(message.Topic, out DeviceWill? will) || will.IsHeld || will.LeftMs is not null || message.Payload.AsSpan().SequenceEqual(will.Will.Payload))
            return true;
        will.OwesState = true;
        return false;
    }

    /// <inheritdoc/>
    public void Acknowledged(Message message)
    {
        if (!_byTopic.TryGetValue(message.Topic, out DeviceWill? will) || will.OwesState)
            return;
        will.Told = message;
        if (will.LeftMs is not null)
            Release(will);
    }

    /// <summary>The topic is of a device that is here: nobody upstream knows better whether it is.</summary>
    public bool IsOfClientHere(string topic) => _byTopic.TryGetValue(topic, out DeviceWill? will) && will.LeftMs is null;

    /// <summary>The upstream may have published Wills of earlier connections: it is told again who is here.</summary>
    public void TellAll()
    {
        foreach (DeviceWill will in _byClient.Values)
            if (will is { IsHeld: true, IsTelling: false, LeftMs: null })
                TellState(will);
    }

    /// <summary>The relay is connected.</summary>
    public void Attach(UplinkTerms terms)
    {
        _lossLogged = false;
        _ = _ending?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!terms.HasRetain || _heldAt != terms.Address)
            EndLinks();
        if (!terms.HasRetain)
            return;
        (_terms, _heldAt) = (terms, terms.Address);
        foreach (DeviceWill will in _byClient.Values.ToArray())
            if (will.Link is null)
            {
                will.OwesState = true; // the upstream may have published it
                Connect(will);
            }
            else if (will is { IsHeld: true, OwesState: true })
            {
                TellState(will);
            }
    }

    /// <summary>The relay is not connected any more: nor is anything that would be told upstream, but what is to last until it is back.</summary>
    /// <param name="isToComeBack">It has ended the connection itself. No device is to be shown offline for that; after <see cref="ComesBackMs"/> without another one they are.</param>
    public void Detach(bool isToComeBack)
    {
        _terms = null;
        _wanted.Clear();
        if (!isToComeBack)
            EndLinks();
        foreach (DeviceWill will in _byClient.Values)
        {
            will.OwesState |= will.IsTelling; // nobody knows whether it got there
            will.IsTelling = false;
        }

        foreach (DeviceWill will in _leaving.ToArray())
            Forget(will, dropsWill: false);
        if (!isToComeBack || _links == 0)
            return;
        _ending ??= world.Time.CreateTimer(_ => DidNotComeBack(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ = _ending.Change(TimeSpan.FromMilliseconds(ComesBackMs), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The relay does not come back.</summary>
    public void Leave()
    {
        _ending?.Dispose();
        _ending = null;
        EndLinks();
    }

    private void DidNotComeBack()
    {
        using Turn.Scope scope = broker.Turn.Enter();
        if (_terms is null)
            EndLinks();
    }

    private void EndLinks()
    {
        foreach (DeviceWill will in _byClient.Values)
            EndLink(will, dropsWill: false);
    }

    /// <summary>Time has gone by: Wills of clients that are gone may be dropped, and what was refused is told again.</summary>
    public void Tick()
    {
        foreach (DeviceWill will in _leaving.ToArray())
            Release(will);
        long nowMs = broker.Turn.NowMs;
        if (_terms is null || nowMs < _againMs)
            return;
        _againMs = LaterTry.UnderWay;
        foreach (DeviceWill will in _byClient.Values.ToArray())
            if (will.Again is { } again && !again.IsDue(nowMs))
                _againMs = Math.Min(_againMs, again.DueMs);
            else if (will is { Again: not null, IsHeld: true, OwesState: true, IsTelling: false, LeftMs: null })
                TellState(will);
    }

    /// <summary>A state that was left out is told once more, on a connection that stands.</summary>
    /// <returns>False when there is none on this topic to tell any more.</returns>
    public bool TellLeftOut(string topic)
    {
        if (_terms is null || !_byTopic.TryGetValue(topic, out DeviceWill? will) || will is { IsTelling: true } or { LeftMs: not null })
            return false;
        TellState(will);
        return true;
    }

    // Null when the upstream is not to hold it.
    private RelayRoute? RouteOf(WillMessage will) =>
        _isOn && will.Retain && dialect.Topics.Wants(will.Topic) && dialect.Topics.Find(will.Topic) is { KeepsRetain: true } route ? route : null;

    // The client is gone: when the upstream has what it left behind, the Will is dropped there.
    private void Release(DeviceWill will)
    {
        if (will.IsTelling || broker.Sessions.HasWillToPublish(will.ClientId))
            return;
        Message? retained = broker.Retained.Find(will.Will.Topic);
        if (!will.OwesState && (retained is null || will.HasTold(retained)))
            Forget(will, dropsWill: true);
        else if (will.OwesState || broker.Turn.NowMs - will.LeftMs >= LingerMs)
            TellState(will);
    }

    private void TellState(DeviceWill will)
    {
        will.OwesState = false;
        will.IsTelling = true;
        Message? retained = broker.Retained.Find(will.Will.Topic);
        sender.SendAhead(Copy(retained, will.Will.Topic), answered: isTaken =>
        {
            will.IsTelling = false;
            (will.OwesState, will.Told) = isTaken ? (will.OwesState, retained) : (true, will.Told);
            will.Again = isTaken ? null : LaterTry.AfterRefusal(will.Again, broker.Turn.NowMs);
            _againMs = Math.Min(_againMs, will.Again?.DueMs ?? LaterTry.UnderWay);
            if (will.LeftMs is null)
                return;
            if (isTaken)
                Release(will);
            else
                Forget(will, dropsWill: false); // what the upstream keeps may say that it is here: the Will says that it is not
        });
    }

    private void Forget(DeviceWill will, bool dropsWill)
    {
        _ = _wanted.Remove(will);
        _ = _leaving.Remove(will);
        _ = _byClient.Remove(will.ClientId);
        _ = _byTopic.Remove(will.Will.Topic);
        EndLink(will, dropsWill);
        Dial();
    }

    // The one in the retained messages may be on its way as well, and be acknowledged by itself. Without one, what the upstream has goes.
    private Message Copy(Message? message, string topic) => new()
    {
        Topic = topic,
        TopicUtf8 = message?.TopicUtf8 ?? Encoding.UTF8.GetBytes(topic),
        Payload = message?.Payload ?? [],
        Properties = message?.Properties ?? [],
        QoS = QoS.AtLeastOnce,
        Retain = true,
        Origin = Origin.Gateway,
        AcceptedMs = message?.AcceptedMs ?? broker.Turn.NowMs,
        ExpiresMs = message?.ExpiresMs ?? long.MaxValue,
    };
}
