using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>Of P2P messages that go to an upstream, because nobody here is their target: that they wait, that the upstream has them, or why not.</summary>
internal sealed partial class Receipts
{
    // Monotonic milliseconds before which the time of none that waits for an upstream is over.
    private long _nextOverMs = long.MaxValue;

    /// <summary>The message is about to be offered to the upstreams.</summary>
    /// <returns>Who is to be told what becomes of it; no <see cref="OwedReceipt.Sender"/> when nobody is.</returns>
    public OwedReceipt BeginUpstream(in Publication publication, string target) =>
        TryBegin(publication, target, out OwedReceipt owed) ? owed with { ExpiresMs = publication.ExpiresMs, Fates = new UpstreamFates() } : default;

    /// <summary>The message waits for an upstream under this entry: what becomes of it is told.</summary>
    public void ExpectUpstream(long entry, in OwedReceipt owed)
    {
        if (owed.Sender is null || entry == 0)
            return;
        Owe(entry, owed, _sessions.Find(owed.Sender)?.Holdings.Owner ?? _ground.Owners.Nobody);
        if (!_owed.ContainsKey(entry))
            return;
        if (owed.Fates is { } fates)
            fates.Open++;
        _nextOverMs = Math.Min(_nextOverMs, owed.ExpiresMs);
    }

    /// <summary>The message under this entry does not leave at once.</summary>
    public void QueuedUpstream(long entry)
    {
        if (_owed.TryGetValue(entry, out (OwedReceipt Receipt, Owner Owner) one))
            Tell(one.Receipt, Receipt.Queued);
    }

    /// <summary>The message was sent to an upstream that does not acknowledge it, or will not be sent.</summary>
    /// <param name="owed">As it was offered.</param>
    /// <param name="reason">Why it will not be sent; null when it was.</param>
    public void EndedUpstream(in OwedReceipt owed, DropReason? reason)
    {
        if (owed.Sender is null)
            return;
        if (owed.Fates is { } fates)
            fates.Open++;
        _hasEnded |= reason is not null;
        SettledUpstream(owed, reason is { } dropped ? Outcome.Drop(dropped) : Outcome.Delivered, isInCustody: false);
    }

    /// <summary>
    /// Whether a message is one that must not be tried again when an upstream has refused it: its sender is told so, or its time is short.
    /// </summary>
    public bool IsCommand(long entry, Message message) => message.IsP2P && (_owed.ContainsKey(entry) || _commands.TryRead(message.Payload));

    /// <summary>An upstream has refused the message under this entry, which is dropped.</summary>
    /// <param name="entry">Its number.</param>
    /// <param name="code">The reason code of its acknowledgement; 0 when the upstream ends the connection for it.</param>
    public void RefusedUpstream(long entry, byte code)
    {
        if (!TryForget(entry, out OwedReceipt owed) || owed.Marks.HasFlag(ReceiptMarks.IsOver))
            return;
        EndUpstream(owed, Receipt.Dropped, (ReasonCode)code switch
        {
            ReasonCode.NotAuthorized => Word(DropReason.P2PNotAllowed),
            ReasonCode.QuotaExceeded => Word(DropReason.MailboxFull),
            ReasonCode.PacketTooLarge => Word(DropReason.LargerThanUpstreamAccepts),
            _ => Word(DropReason.UpstreamRefused),
        });
    }

    /// <summary>One of a recovery waits for an upstream.</summary>
    public void RestoreUpstream(long entry, string upstream, long expiresMs)
    {
        if (!_owed.TryGetValue(entry, out (OwedReceipt Receipt, Owner Owner) one))
            return;
        _owed[entry] = (one.Receipt with { Upstream = upstream, ExpiresMs = expiresMs }, one.Owner);
        _nextOverMs = Math.Min(_nextOverMs, expiresMs);
    }

    /// <summary>
    /// Tells the senders whose time is over while their messages wait for an upstream: it may not come for days. The messages themselves go
    /// when it is their turn.
    /// </summary>
    public void ExpireUpstream()
    {
        long nowMs = _ground.Turn.NowMs;
        if (nowMs < _nextOverMs)
            return;
        _nextOverMs = long.MaxValue;
        List<long> over = [];
        HashSet<long>? taken = null;
        foreach ((long entry, (OwedReceipt owed, _)) in _owed)
        {
            if (owed.Upstream is null || owed.Marks.HasFlag(ReceiptMarks.IsOver))
                continue;
            long overMs = owed.ExpiresMs;
            // What was sent may have arrived in time: its acknowledgement says so, or there will be none.
            if (overMs <= nowMs && (taken ??= EntriesTaken()).Contains(entry))
                overMs += _ground.Limits.RelayAnswerSecondsMax * 1000L;
            if (overMs <= nowMs)
                over.Add(entry);
            else
                _nextOverMs = Math.Min(_nextOverMs, overMs);
        }

        foreach (long entry in over)
        {
            (OwedReceipt owed, Owner owner) = _owed[entry];
            OwedReceipt told = owed with { Marks = owed.Marks | ReceiptMarks.IsOver };
            _owed[entry] = (told, owner);
            using FrameOfPacket frameOnDisk = new(_ground.Custody);
            if (owed.Sender.Length > 0)
                _ground.Custody.ReceiptOwed(entry, told);
            EndUpstream(owed, Receipt.Expired, "");
        }
    }

    private HashSet<long> EntriesTaken() => [.. _ground.Upstreams.Backlogs.Values.SelectMany(static backlog => backlog.Taken()).Select(static queued => queued.Entry)];

    // What is in custody has its end on the disk, and its receipt with it.
    private void SettledUpstream(in OwedReceipt owed, Outcome outcome, bool isInCustody = true)
    {
        if (outcome.IsDelivered)
            EndUpstream(owed, Receipt.Relayed, "", isInCustody);
        else
            EndUpstream(owed, StatusOf(outcome.Reason), WhyOf(outcome.Reason), isInCustody);
    }

    private void EndUpstream(in OwedReceipt owed, string status, string why, bool isInCustody = true)
    {
        if (owed.Fates is { } fates)
        {
            fates.Open--;
            if (status == Receipt.Relayed)
            {
                fates.IsTaken = true;
            }
            else if (fates.Open > 0 || fates.IsTaken)
            {
                OwedReceipt no = owed;
                fates.TellNo = () => TellEnd(no, status, why, isInCustody);
                return;
            }
        }

        TellEnd(owed, status, why, isInCustody);
    }

    private void TellEnd(in OwedReceipt owed, string status, string why, bool isInCustody)
    {
        if (isInCustody)
            TellKept(owed, status, why);
        else
            Tell(owed, status, why);
    }
}
