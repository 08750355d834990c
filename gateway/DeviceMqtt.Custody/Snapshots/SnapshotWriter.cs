using System.Buffers;
using System.Buffers.Binary;
using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Lifecycle;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Snapshots;

/// <summary>
/// The whole state as the records that would make it anew (<see cref="RecoveredState.Snapshot"/>), without the messages
/// themselves. Inside a turn.
/// </summary>
internal sealed class SnapshotWriter(BrokerState broker, Ledger ledger, IReadOnlyDictionary<string, WillRecord> wills)
{
    private readonly RecordWriter _record = new();
    private ArrayBufferWriter<byte> _state = null!;

    public ReadOnlyMemory<byte> Write(long lastEntryCount, ClockRecord clock)
    {
        _state = new ArrayBufferWriter<byte>(64 * 1024); // the journal writes it while we go on
        clock.Write(_record);
        Finish();
        WriteLedger(lastEntryCount);
        foreach ((string clientId, IEnumerable<QueuedMessage> waiting, bool isReachable) in broker.Mailboxes.InOrder())
        {
            _record.Start(RecordKind.DeviceKnown).Add(clientId);
            Finish();
            if (isReachable)
            {
                _record.Start(RecordKind.DeviceReachable).Add(clientId);
                Finish();
            }

            WriteHeld(clientId, waiting);
        }

        // Before the Sessions there are: one of them may be a new one of the same client.
        foreach (EndedSession ended in broker.Sessions.Ending)
        {
            WriteHeld(ended.ClientId, ended.Waiting);
            _record.Start(RecordKind.SessionEnded).Add(ended.ClientId);
            Finish();
        }

        foreach (Session session in broker.Sessions.All)
            WriteSession(session);
        foreach (WillRecord will in wills.Values)
            WriteWill(will);
        foreach (Message message in broker.Retained.All())
            if (message.IsRetainedOnDisk)
            {
                _record.Start(RecordKind.Retained).Add(message.Position).Add(message.TopicUtf8);
                Finish();
            }

        foreach ((string upstream, IUpstreamBacklog backlog) in broker.Upstreams.Backlogs)
            WriteBacklog(upstream, backlog);
        foreach ((string upstream, QueuedMessage parked, AsideReason? aside) in broker.Upstreams.Parked)
        {
            WriteHeld(upstream, [parked]);
            if (aside is { } why)
                WriteAside(parked, why);
        }

        foreach ((string upstream, HashSet<ushort> packetIds) in broker.Upstreams.Inbound)
            WriteInbound(InboundOwner.OfUpstream(upstream), packetIds);
        return _state.WrittenMemory;
    }

    /// <summary>The records of a snapshot, one by one.</summary>
    /// <exception cref="InvalidDataException">It is cut.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> state)
    {
        while (!state.IsEmpty)
        {
            int length = state.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(state.Span);
            if (length < 0 || length > state.Length - sizeof(int))
                throw new InvalidDataException("the snapshot ends in the middle of a record");
            yield return state.Slice(sizeof(int), length);
            state = state[(sizeof(int) + length)..];
        }
    }

    /// <summary>A snapshot with what came after it: its records are the same.</summary>
    public static ReadOnlyMemory<byte> AddEvents(ReadOnlyMemory<byte> state, IReadOnlyList<byte[]> events)
    {
        ArrayBufferWriter<byte> all = new();
        all.Write(state.Span);
        foreach (byte[] record in events)
            Add(all, record);
        return all.WrittenMemory;
    }

    private static void Add(ArrayBufferWriter<byte> state, ReadOnlySpan<byte> record)
    {
        BinaryPrimitives.WriteInt32LittleEndian(state.GetSpan(sizeof(int)), record.Length);
        state.Advance(sizeof(int));
        state.Write(record);
    }

    private void WriteLedger(long lastEntryCount)
    {
        foreach (LedgerClass ledgerClass in Ledger.Classes)
            foreach ((Outcome outcome, long count) in ledger[ledgerClass].Outcomes().DefaultIfEmpty((Outcome.Delivered, 0)))
            {
                _record.Start(RecordKind.LedgerCount).Add(lastEntryCount).Add((byte)ledgerClass).Add(outcome.Value).Add(count);
                Finish();
            }
    }

    private void WriteSession(Session session)
    {
        // A Session that ends with its connection may have commands in flight, which then go back to the mailbox.
        if (session.IsOnDisk)
        {
            new SessionRecord(session.ClientId, session.ExpirySeconds, session.IsBridge, session.UserName).Write(_record);
            Finish();
            if (!session.IsConnected)
            {
                long leftMs = session.EndsAtMs - (session.ExpirySeconds * 1000L);
                _record.Start(RecordKind.SessionLeft).Add(session.ClientId)
                    .Add(broker.Clock.ToUnixMs(leftMs)).Add((long)session.ExpirySeconds).Add(broker.Running.Of(leftMs));
                Finish();
            }

            foreach (Subscription subscription in session.Subscriptions)
            {
                SubscriptionRecord.Of(subscription).Write(_record);
                Finish();
            }

            WriteInbound(session.ClientId, session.InboundQoS2);
        }

        foreach ((ushort packetId, Inflight inflight) in session.InFlight())
            if (inflight.Entry != 0)
                WriteInflight(session.ClientId, packetId, inflight);
        WriteHeld(session.ClientId, session.Queue.InOrder());
    }

    private void WriteInflight(string clientId, ushort packetId, in Inflight inflight)
    {
        new HeldRecord(inflight.Entry, clientId, inflight.Message?.Position ?? 0, inflight.QoS, inflight.Retain, inflight.Identifiers).Write(_record);
        Finish();
        WriteSent(inflight.Entry, packetId, inflight.QoS, isReceived: inflight.State == InflightState.AwaitsPubComp);
    }

    private void WriteBacklog(string upstream, IUpstreamBacklog backlog)
    {
        WriteHeld(upstream, backlog.All());
        foreach ((QueuedMessage queued, ushort packetId, bool isReceived) in backlog.InFlightInOrder())
            if (queued.Entry != 0)
                WriteSent(queued.Entry, packetId, queued.QoS, isReceived);
        foreach ((QueuedMessage queued, AsideReason why) in backlog.Aside())
            WriteAside(queued, why);
    }

    private void WriteAside(in QueuedMessage queued, AsideReason why)
    {
        if (queued.Entry == 0)
            return;
        _record.Start(RecordKind.SetAside).Add(queued.Entry).Add(why.Value);
        Finish();
    }

    private void WriteSent(long entry, ushort packetId, QoS qos, bool isReceived)
    {
        _record.Start(RecordKind.Sent).Add(entry).Add((long)packetId).Add((byte)qos);
        Finish();
        if (!isReceived)
            return;
        _record.Start(RecordKind.Received).Add(entry);
        Finish();
    }

    private void WriteHeld(string owner, IEnumerable<QueuedMessage> waiting)
    {
        foreach (QueuedMessage queued in waiting)
        {
            if (queued.Entry == 0)
                continue;
            new HeldRecord(queued.Entry, owner, queued.Message.Position, queued.QoS, queued.Retain, queued.Identifiers).Write(_record);
            Finish();
        }
    }

    private void WriteInbound(string owner, IEnumerable<ushort> packetIds)
    {
        foreach (ushort packetId in packetIds)
        {
            _record.Start(RecordKind.InboundOpened).Add(owner).Add((long)packetId);
            Finish();
        }
    }

    private void WriteWill(in WillRecord will)
    {
        will.Write(_record);
        Finish();
    }

    private void Finish() => Add(_state, _record.Written);
}
