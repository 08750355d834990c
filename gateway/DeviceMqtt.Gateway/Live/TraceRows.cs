using System.Net;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Tracing;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Live;

/// <summary>Messages on their way, in words. From any thread.</summary>
internal sealed class TraceRows(TraceBook book, Turn turn, WallClock clock, GatewayLimits limits) : IDisposable
{
    private readonly TraceSearch _search = new(book, turn);

    public async Task<TraceShapes.Trace> FindAsync(TraceQuestion question, CancellationToken stop)
    {
        TraceFound found = await _search.FindAsync(question, stop);
        // Once for all: the two clocks tick apart, and messages of one millisecond would get two times, and another order.
        long aheadMs = clock.NowUnixMs - turn.MonotonicMs();
        List<TraceShapes.TracedMessage> messages = [.. found.Stories.Select(story => Describe(story, aheadMs))];
        HashSet<uint> known = [.. found.Stories.Select(static story => story.Number)];
        return TurnWork.Read(turn, () =>
        {
            List<TraceStory> kept = _search.FindKept(question, turn.NowMs);
            // Those of one millisecond stay in their order, the newest first.
            messages = [.. messages.Concat(kept.Where(story => !known.Contains(story.Number)).Select(story => Describe(story, aheadMs))).OrderByDescending(static message => message.Time)];
            bool isMore = found.IsMore || kept.Count == question.Limit || messages.Count > question.Limit;
            if (messages.Count > question.Limit)
                messages.RemoveRange(question.Limit, messages.Count - question.Limit);
            return new TraceShapes.Trace(
                clock.NowUnixMs, book.Ring is not null, clock.ToUnixMs(found.SinceMs), book.Ring?.Bytes ?? 0, book.Ring?.BytesMax ?? 0, book.Skipped, book.Kept.Bytes, book.KeptBytesMax, isMore,
                [.. book.Rules.Where(rule => rule.EndsMs > turn.NowMs).Select(rule => new TraceShapes.KeptRule(rule.Text, rule.IsClient, clock.ToUnixMs(rule.EndsMs)))], messages);
        });
    }

    /// <summary>Keeps messages for longer, from now on.</summary>
    /// <returns>What is wrong, as a sentence; null when nothing is.</returns>
    public string? Keep(string? clientId, string? filter, int? minutes)
    {
        if (string.IsNullOrEmpty(clientId) == string.IsNullOrEmpty(filter))
            return "give 'client' or 'filter', one of them";
        if (TraceQuestion.Read(clientId, filter, null, minutes, null, out TraceQuestion question) is { } wrong)
            return wrong;
        bool hasRoom = TurnWork.Read(turn, () => book.TryKeep(new TraceRule(question.ClientId, question.Filter, question.ClientId ?? filter!, turn.NowMs + (question.MinutesMax * 60_000L))));
        return hasRoom ? null : $"{TraceBook.RulesMax} are kept already: end one";
    }

    /// <summary>Keeps them no longer.</summary>
    public bool End(string text) => TurnWork.Read(turn, () => book.End(text));

    /// <summary>Notes all messages in so many bytes from now on; 0: in none. Inside a turn.</summary>
    public void Use(int bytesMax) => book.Use(bytesMax);

    public void Dispose() => _search.Dispose();

    private TraceShapes.TracedMessage Describe(TraceStory story, long aheadMs)
    {
        bool isAnswered = story.IsAnswered && (story.AnsweredPosition == 0 || story.DurableMs >= 0);
        long answeredMs = story.AnsweredPosition == 0 ? story.AnsweredMs : story.DurableMs;
        long position = story.Position != 0 ? story.Position : story.AnsweredPosition == long.MaxValue ? 0 : story.AnsweredPosition;
        return new TraceShapes.TracedMessage(
            Math.Max(0, story.AcceptedMs + aheadMs), story.Topic, story.Publisher.Length == 0 ? null : story.Publisher, AddressOf(story.Remote),
            story.Origin switch { Origin.Gateway => "gateway", Origin.Upstream => "upstream", _ => "client" }, (int)story.QoS, story.IsRetain, story.PayloadBytes, story.CommandId, StateOf(story),
            position == 0 ? null : position, position != 0 && story.DurableMs >= 0 ? story.DurableMs - story.AcceptedMs : null,
            isAnswered ? answeredMs - story.AcceptedMs : null, isAnswered ? story.AnsweredCode.ToString() : null, story.HasMoreWays, [.. story.Ways.Select(way => Describe(story, way))]);
    }

    private TraceShapes.MessageWay Describe(TraceStory story, TraceWay way) => new(
        way.Owner.Kind switch { DropOwnerKind.Upstream => "upstream", DropOwnerKind.Topic => "topic", _ => "client" }, way.Owner.Name, WordOf(way.End),
        [.. way.Steps.Select(step => new TraceShapes.WayStep(step.Ms - story.AcceptedMs, WordsOf(step)))]);

    private static string StateOf(TraceStory story)
    {
        bool Has(TraceEnd end) => story.Ways.Exists(way => way.End == end && way.Owner.Kind != DropOwnerKind.Topic);
        bool isLost = Has(TraceEnd.Dropped) || Has(TraceEnd.Expired);
        if (Has(TraceEnd.Waits))
            return "waiting";
        if (Has(TraceEnd.Sent))
            return "sent";
        if (Has(TraceEnd.Delivered))
            return isLost ? "partly" : "delivered";
        return isLost ? Has(TraceEnd.Dropped) ? "dropped" : "expired" : "nobody";
    }

    private static string WordOf(TraceEnd end) => end switch
    {
        TraceEnd.Waits => "waiting",
        TraceEnd.Sent => "sent",
        TraceEnd.Delivered => "delivered",
        TraceEnd.Absent => "absent",
        TraceEnd.Expired => "expired",
        _ => "dropped",
    };

    private string WordsOf(in TraceStep step) => step.Kind switch
    {
        TraceKind.Held => (LedgerClass)step.Code switch
        {
            LedgerClass.Mailbox => "in its mailbox",
            LedgerClass.Relay => "in the backlog",
            _ => "kept for its Session",
        },
        TraceKind.Handed => WordsOf((DeliveryResult)step.Code, step),
        TraceKind.Acknowledged => $"{NameOf((PacketType)step.Code)}{(step.More != 0 ? ", refused" : "")} for packet {step.Value}",
        TraceKind.Settled => "done: nothing more is kept of it",
        TraceKind.Dropped => (DropReason)step.Code == DropReason.Expired ? $"expired: {DropWords.For(DropReason.Expired, limits)}" : $"dropped: {DropWords.For((DropReason)step.Code, limits)}",
        TraceKind.FlowEnded => "its Session ended before it was acknowledged",
        TraceKind.ToldBelow => $"the gateway below says: {step.Words}",
        _ => step.Kind.ToString(),
    };

    private static string WordsOf(DeliveryResult result, in TraceStep step) => result switch
    {
        DeliveryResult.Sent => step.More == 0 ? "sent with QoS 0: nobody acknowledges that" : $"sent with QoS {step.More} as packet {step.Value}",
        DeliveryResult.Queued => "waits in its queue, in memory",
        DeliveryResult.Absent => "not connected, and QoS 0 does not wait",
        DeliveryResult.Slow => "not sent: it reads too slowly for QoS 0",
        DeliveryResult.TooLarge => "not sent: larger than the packets that it takes",
        DeliveryResult.NotAllowed => "not sent: its rights do not let it have this topic any more",
        _ => "no room where it would wait",
    };

    private static string? AddressOf(object? remote) => ClientBook.AddressOf(remote as EndPoint) is { Length: > 0 } address ? address : null;

    private static string NameOf(PacketType type) => type.ToString().ToUpperInvariant();
}
