using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>
/// Makes stories of events, in their order: of those messages alone whose <see cref="TraceKind.Accepted"/> is said to be wanted. Bounded in bytes;
/// the oldest story goes first. A story that is closed stays to be looked at, and nothing leads to it any more: numbers come again after 2^32 messages. An acknowledgement is of the message that was handed over last under its Packet Identifier, whether that one has a story or not: each
/// <see cref="TraceKind.Handed"/> ends the flight before, and so does all that ends a flight without an acknowledgement. Used twice: while things happen, for messages that somebody asked to keep, and on the ring, when somebody asks.
/// </summary>
internal sealed class TraceStories(long bytesMax)
{
    // Chosen: a message for many is on its way over some turns, and a publisher that has no answer by then has none.
    private const long UnderWayMs = 60_000;

    // An entry, a Packet Identifier and a number that lead to a story, counted by hand.
    private const int IndexBytes = 160;

    private readonly LinkedList<TraceStory> _inOrder = new();
    private readonly Dictionary<uint, TraceStory> _byNumber = [];
    private readonly Dictionary<long, TraceWay> _byEntry = [];
    private readonly Dictionary<string, TraceStory> _byCommand = new(StringComparer.Ordinal);
    private readonly Dictionary<DropOwner, Dictionary<int, TraceWay>> _inFlight = []; // by Packet Identifier
    private readonly Queue<TraceStory> _awaitDisk = new();
    private TraceStory? _lastAwaiting;

    /// <summary>Oldest first.</summary>
    public LinkedList<TraceStory> All => _inOrder;

    public long Bytes { get; private set; }

    /// <summary>There is a story that is not closed.</summary>
    public bool HasOpen => _byNumber.Count > 0;

    /// <summary>Closes those of which nothing more is to be told. For stories that nobody asks for any more.</summary>
    public void CloseSettled(long nowMs)
    {
        foreach (TraceStory story in _inOrder)
            if (!story.IsClosed && IsSettled(story, nowMs))
                Close(story);
    }

    /// <summary>Closes all: their numbers come again.</summary>
    public void CloseAll()
    {
        foreach (TraceStory story in _inOrder)
            Close(story);
    }

    /// <param name="happened">What.</param>
    /// <param name="isWanted">Of <see cref="TraceKind.Accepted"/>: a story begins.</param>
    public void Take(in TraceEvent happened, bool isWanted)
    {
        switch (happened.Kind)
        {
            case TraceKind.Accepted:
                if (isWanted)
                    Begin(happened);
                break;
            case TraceKind.Acknowledged:
                if (InFlight(happened.Owner, happened.Value) is { } acknowledged)
                    Acknowledge(acknowledged, happened);
                break;
            case TraceKind.FlowEnded:
                EndFlow(happened);
                break;
            case TraceKind.Durable:
                TakeDurable(happened);
                break;
            case TraceKind.ToldBelow:
                if (happened.Topic is { } id && _byCommand.TryGetValue(id, out TraceStory? told))
                    Tell(told, happened);
                break;
            default:
                // Its Packet Identifier was free: the message before under it will not be acknowledged any more.
                if (happened is { Kind: TraceKind.Handed, Value: not 0 } && InFlight(happened.Owner, happened.Value) is { } before)
                    Land(before);
                if (Find(happened, out TraceWay? way) is { } story)
                    Take(story, way, happened);
                break;
        }
    }

    private TraceStory? Find(in TraceEvent happened, out TraceWay? way)
    {
        way = null;
        if (happened.Entry != 0 && _byEntry.TryGetValue(happened.Entry, out way))
            return way.Story;
        return happened.Number != 0 ? _byNumber.GetValueOrDefault(happened.Number) : null;
    }

    private void Take(TraceStory story, TraceWay? way, in TraceEvent happened)
    {
        long before = story.Bytes;
        switch (happened.Kind)
        {
            case TraceKind.Named:
                story.CommandId = happened.Topic;
                _byCommand[happened.Topic!] = story;
                break;
            case TraceKind.Answered:
                Answer(story, happened);
                break;
            case TraceKind.Held:
                if ((way ?? WayTo(story, happened.Owner)) is { } held)
                    Hold(held, happened);
                break;
            case TraceKind.Handed:
                if ((way ?? WayTo(story, happened.Owner)) is { } handed)
                    Hand(handed, happened);
                break;
            case TraceKind.Settled:
                if (way is not null)
                    Settle(way, happened);
                break;
            case TraceKind.Dropped:
                if ((way ?? WayTo(story, happened.Owner)) is { } dropped)
                    Drop(dropped, (DropReason)happened.Code, happened.Ms);
                break;
        }

        Bytes += story.Bytes - before;
        MakeRoom();
    }

    private void Begin(in TraceEvent accepted)
    {
        TraceStory story = new(accepted);
        _ = _inOrder.AddLast(story);
        _byNumber[story.Number] = story;
        Bytes += story.Bytes + IndexBytes;
        if (accepted.Code != TraceBook.NotAnswered)
            Answer(story, accepted);
        MakeRoom();
    }

    private void Answer(TraceStory story, in TraceEvent answered)
    {
        story.IsAnswered = true;
        story.AnsweredMs = answered.Ms;
        story.AnsweredCode = (ReasonCode)answered.Code;
        story.AnsweredPosition = answered.Position;
        AwaitDisk(story, answered.Position);
    }

    private void Hold(TraceWay way, in TraceEvent held)
    {
        Land(way);
        if (held.Entry != 0)
            _byEntry[way.Entry = held.Entry] = way;
        way.End = TraceEnd.Waits;
        way.Add(new TraceStep(TraceKind.Held, held.Ms, held.Code, 0, 0, null));
        if (held.Position == 0)
            return;
        way.Story.Position = held.Position;
        AwaitDisk(way.Story, held.Position);
    }

    private void Hand(TraceWay way, in TraceEvent handed)
    {
        DeliveryResult result = (DeliveryResult)handed.Code;
        way.Add(new TraceStep(TraceKind.Handed, handed.Ms, handed.Code, handed.More, handed.Value, null));
        way.End = result switch
        {
            DeliveryResult.Sent => handed.More == 0 ? TraceEnd.Delivered : TraceEnd.Sent,
            DeliveryResult.Queued => TraceEnd.Waits,
            DeliveryResult.Absent => TraceEnd.Absent,
            _ => TraceEnd.Dropped,
        };
        Land(way);
        if (result != DeliveryResult.Sent || handed.Value == 0)
            return;
        way.PacketId = handed.Value;
        if (!_inFlight.TryGetValue(way.Owner, out Dictionary<int, TraceWay>? ofOwner))
            _inFlight.Add(way.Owner, ofOwner = []);
        ofOwner[way.PacketId] = way;
    }

    // What is in custody is sent on the next connection, as a new message. Of all else nobody will say more.
    private void EndFlow(in TraceEvent ended)
    {
        if (!_inFlight.Remove(ended.Owner, out Dictionary<int, TraceWay>? ofOwner))
            return;
        foreach (TraceWay way in ofOwner.Values)
        {
            long before = way.Bytes;
            way.PacketId = 0;
            // The client has it, by its PUBREC or by its answer: what would have come yet is no news of the message.
            if (way.End == TraceEnd.Delivered || way.Steps.Exists(static step => step is { Kind: TraceKind.Acknowledged, Code: (byte)PacketType.PubRec, More: 0 }))
            {
                way.End = TraceEnd.Delivered;
                continue;
            }

            way.Add(new TraceStep(TraceKind.FlowEnded, ended.Ms, 0, 0, 0, null));
            if (way.Entry != 0)
                way.End = TraceEnd.Waits;
            Bytes += way.Bytes - before;
        }

        MakeRoom();
    }

    private void Acknowledge(TraceWay way, in TraceEvent acknowledged)
    {
        bool isError = acknowledged.More != 0;
        PacketType type = (PacketType)acknowledged.Code;
        way.Add(new TraceStep(TraceKind.Acknowledged, acknowledged.Ms, acknowledged.Code, acknowledged.More, acknowledged.Value, null));
        if (type == PacketType.PubRec && !isError)
            return;
        way.End = isError ? TraceEnd.Dropped : TraceEnd.Delivered;
        Land(way);
    }

    // A command stays in custody until it is answered: that is a step of its own.
    private void Settle(TraceWay way, in TraceEvent settled)
    {
        Outcome outcome = new(settled.Code);
        if (!outcome.IsDelivered)
        {
            Drop(way, outcome.Reason, settled.Ms);
            return;
        }

        if (way.End == TraceEnd.Waits)
            way.Add(new TraceStep(TraceKind.Settled, settled.Ms, settled.Code, 0, 0, null));
        way.End = TraceEnd.Delivered;
    }

    // Told by the count of drops and by the end of its custody.
    private void Drop(TraceWay way, DropReason reason, long ms)
    {
        Land(way);
        way.End = reason == DropReason.Expired ? TraceEnd.Expired : TraceEnd.Dropped;
        if (!way.Steps.Exists(step => step.Kind == TraceKind.Dropped && step.Code == (byte)reason))
            way.Add(new TraceStep(TraceKind.Dropped, ms, (byte)reason, 0, 0, null));
    }

    private void Tell(TraceStory story, in TraceEvent told)
    {
        if (story.Ways.Find(way => way.Owner.Name == story.Topic || way.Steps.Count > 0) is not { } way)
            return;
        long before = way.Bytes;
        way.Add(new TraceStep(TraceKind.ToldBelow, told.Ms, 0, 0, 0, $"{told.Name}: {told.Detail}"));
        Bytes += way.Bytes - before;
    }

    private void TakeDurable(in TraceEvent durable)
    {
        while (_awaitDisk.TryPeek(out TraceStory? story) && Math.Max(story.Position, story.AnsweredPosition) <= durable.Position)
        {
            story.DurableMs = durable.Ms;
            _ = _awaitDisk.Dequeue();
        }
    }

    // Positions only grow. A journal that has failed never gets there.
    private void AwaitDisk(TraceStory story, long position)
    {
        if (position is 0 or long.MaxValue || story.DurableMs >= 0)
            return;
        if (!ReferenceEquals(_lastAwaiting, story))
            _awaitDisk.Enqueue(_lastAwaiting = story);
    }

    private static TraceWay? WayTo(TraceStory story, in DropOwner owner)
    {
        foreach (TraceWay way in story.Ways)
            if (way.Owner == owner)
                return way;
        if (story.Ways.Count == TraceStory.WaysMax)
        {
            story.HasMoreWays = true;
            return null;
        }

        TraceWay made = new(story, owner);
        story.Ways.Add(made);
        return made;
    }

    private void Land(TraceWay way)
    {
        if (way.PacketId != 0 && _inFlight.TryGetValue(way.Owner, out Dictionary<int, TraceWay>? ofOwner))
        {
            _ = ofOwner.Remove(way.PacketId);
            if (ofOwner.Count == 0)
                _ = _inFlight.Remove(way.Owner);
        }

        way.PacketId = 0;
    }

    private TraceWay? InFlight(in DropOwner owner, int packetId) =>
        _inFlight.Count > 0 && _inFlight.TryGetValue(owner, out Dictionary<int, TraceWay>? ofOwner) ? ofOwner.GetValueOrDefault(packetId) : null;

    private void MakeRoom()
    {
        while (Bytes > bytesMax && _inOrder.Count > 1)
            ForgetOldest();
    }

    private void ForgetOldest()
    {
        TraceStory oldest = _inOrder.First!.Value;
        _inOrder.RemoveFirst();
        Close(oldest);
        Bytes -= oldest.Bytes;
    }

    private static bool IsSettled(TraceStory story, long nowMs) =>
        nowMs - story.AcceptedMs > UnderWayMs
        && (story.DurableMs >= 0 || Math.Max(story.Position, story.AnsweredPosition) is 0 or long.MaxValue)
        && !story.Ways.Exists(static way => way.End == TraceEnd.Waits || (way.End == TraceEnd.Sent && way.PacketId != 0));

    private void Close(TraceStory story)
    {
        if (story.IsClosed)
            return;
        story.IsClosed = true;
        Bytes -= IndexBytes;
        _ = _byNumber.Remove(story.Number);
        if (story.CommandId is { } id && ReferenceEquals(_byCommand.GetValueOrDefault(id), story))
            _ = _byCommand.Remove(id);
        if (_awaitDisk.TryPeek(out TraceStory? first) && ReferenceEquals(first, story))
            _ = _awaitDisk.Dequeue();
        foreach (TraceWay way in story.Ways)
        {
            Land(way);
            if (way.Entry != 0)
                _ = _byEntry.Remove(way.Entry);
        }
    }
}
