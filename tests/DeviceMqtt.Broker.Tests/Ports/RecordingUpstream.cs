using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>An upstream that takes what is below <c>up/</c> into custody and sends nothing: it remembers what it was told.</summary>
internal sealed class RecordingUpstream(BrokerState broker) : IUpstream, IUpstreamBacklog
{
    public const string Name = "recorder";
    private readonly List<QueuedMessage> _waiting = [];

    public List<string> Calls { get; } = [];

    public bool Wants(string topic) => topic.StartsWith("up/", StringComparison.Ordinal);

    public bool Offer(Message message, List<ISlowReader> holdingBack, in OwedReceipt owed = default)
    {
        Calls.Add($"offer {message.Topic}");
        QueuedMessage queued = Make.Queued(message);
        broker.Turn.Gate.Join(broker.Custody.Hold(LedgerClass.Relay, Name, queued, out long entry));
        broker.Receipts.ExpectUpstream(entry, owed with { Upstream = Name });
        _waiting.Add(queued with { Entry = entry });
        return true;
    }

    public void Keep(Message message, List<KeptForUpstream> kept)
    {
        QueuedMessage queued = Make.Queued(message);
        if (!broker.Custody.Hold(LedgerClass.Relay, Name, queued, out long entry).IsNoRoom)
            kept.Add(new KeptForUpstream(Name, queued with { Entry = entry }));
    }

    public void Queue(in KeptForUpstream kept) => _waiting.Add(kept.Queued);

    /// <summary>The oldest is acknowledged.</summary>
    public void Acknowledge()
    {
        using Turn.Scope scope = broker.Turn.Enter();
        broker.Custody.Settle(_waiting[0].Entry, _waiting[0].Message, Outcome.Delivered);
        _waiting.RemoveAt(0);
    }

    public ReadOnlySpan<byte> Via => [];

    public void ClientKnown(string clientId) => Calls.Add($"known {clientId}");

    public void ClientForgotten(string clientId) => Calls.Add($"forgotten {clientId}");

    public void ClientCame(string clientId, WillMessage? will) => Calls.Add($"came {clientId} {will?.Topic ?? "without a Will"}");

    public void ClientLeft(string clientId) => Calls.Add($"left {clientId}");

    public IEnumerable<QueuedMessage> All() => _waiting;

    public IEnumerable<QueuedMessage> Taken() => [];

    public IEnumerable<QueuedMessage> WaitingInOrder() => _waiting;

    public void Restore(in QueuedMessage queued) => _waiting.Add(queued);

    public bool WasHere(ReadOnlySpan<byte> properties, string publisher) => false;

    public IEnumerable<SentMessage> InFlightInOrder() => [];

    public IEnumerable<(QueuedMessage Queued, AsideReason Why)> Aside() => [];

    public bool TryRestoreInFlight(in SentMessage sent) => false;

    public bool HasOldIdentifiers { get; set; }

    public string Where => "";

    public IEnumerable<ushort> GivenUp() => [];

    public void RestoreGivenUp(ushort packetId)
    {
    }

    public void RestoreAside(in QueuedMessage queued, AsideReason why) => _waiting.Add(queued);
}
