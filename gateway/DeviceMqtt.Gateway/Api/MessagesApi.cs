using System.Text;
using System.Text.Json;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Protocol;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary>Topics with their last messages, messages as they come, what is retained, and publishing.</summary>
internal sealed class MessagesApi(ConsoleSource source, Gate gate)
{
    private const int LevelsMax = 500;
    private const int RetainedPageMax = 200;

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/").WithTags("Messages");
        group.MapGet("/topics", TopicsAsync).WithMetadata(Needs.ToSee, Asks.Limit(LevelsMax)).WithSummary("One level of the topics, with the last message of each").Produces<GatewayShapes.Topics>();
        group.MapGet("/messages", WatchAsync).WithMetadata(Needs.ToChange).WithSummary("Messages of a filter as they come (Server-Sent Events), at most 20 a second").Produces<GatewayShapes.Message>(StatusCodes.Status200OK, "text/event-stream");
        group.MapPost("/messages", PublishAsync).WithMetadata(Needs.ToPublish, BodyMax.Message, MayFail.Durably).WithSummary("Publish a message").Produces<GatewayShapes.Published>();
        group.MapGet("/retained", RetainedAsync).WithMetadata(Needs.ToSee, Asks.Offset, Asks.Limit(RetainedPageMax)).WithSummary("What is retained, by filter").Produces<GatewayShapes.Retained>();
        group.MapDelete("/retained", UnretainAsync).WithMetadata(Needs.ToChange, MayFail.DurablyNamed).WithSummary("Remove a retained message").Produces<GatewayShapes.Done>();
    }

    /// <summary>As a client does: an empty message with RETAIN. Inside a turn.</summary>
    public static bool RemoveRetained(ConsoleSource source, string topic)
    {
        if (source.Broker.Retained.Find(topic) is null)
            return false;
        Publication publication = new() { Route = source.Broker.Routes.Get(topic), QoS = QoS.AtLeastOnce, Retain = true, Payload = default, Origin = Origin.Gateway, NowMs = source.Broker.Turn.NowMs };
        _ = source.Broker.Publish(ref publication);
        return true;
    }

    private async Task<IResult> TopicsAsync(string? parent, string? q, int? limit, HttpContext context)
    {
        bool isFirst = TurnWork.Read(source.Broker.Turn, () => source.Observation.Topics.Look(source.Broker.Turn.NowMs, source.NowUnixMs));
        if (isFirst)
            await TakeRetainedAsync();
        bool mayRead = MayRead(context);
        return new Answer<GatewayShapes.Topics>(TurnWork.Read(source.Broker.Turn, () => Describe(parent, q ?? "", limit ?? LevelsMax, mayRead)), ApiJson.Default.Topics);
    }

    private Task TakeRetainedAsync() => TurnWork.ForEachRetainedAsync(source.Broker, "#", message =>
    {
        source.Observation.Topics.TakeRetained(message, ShapeOf.AcceptedAt(message, source.Broker.Clock));
        return true;
    });

    private GatewayShapes.Topics Describe(string? parent, string q, int limit, bool mayRead)
    {
        TopicBook book = source.Observation.Topics;
        TopicNode? node = book.Find(parent);
        List<TopicNode> children = [.. (node?.Children?.Values ?? Enumerable.Empty<TopicNode>()).Where(c => q.Length == 0 || c.Level.Contains(q, StringComparison.OrdinalIgnoreCase))];
        List<GatewayShapes.Topic> levels = JsonBytes.Cut(children.OrderBy(static c => c.Level, StringComparer.Ordinal).Take(limit).Select(c => Describe(parent is null ? c.Level : $"{parent}/{c.Level}", c, mayRead)), JsonBytes.Of, AnswerRoom.ListBytesMax);
        return new GatewayShapes.Topics(parent, book.SinceUnixMs, source.NowUnixMs, book.Topics, book.NotKept, children.Count, node is null || parent is null ? null : MessageOf(parent, node, mayRead), levels);
    }

    private static GatewayShapes.Topic Describe(string path, TopicNode node, bool mayRead) =>
        new(node.Level, path, node.Topics, node.CountBelow, node.Children is { Count: > 0 }, MessageOf(path, node, mayRead));

    private static GatewayShapes.Message? MessageOf(string topic, TopicNode node, bool mayRead) =>
        node.Payload is { } payload ? ShapeOf.Of(topic, payload, node.PayloadBytes, node.QoS, node.IsRetained, node.UnixMs, mayRead) : null;

    private async Task WatchAsync(string? filter, HttpContext context)
    {
        if (!TopicFilter.TryParse(filter ?? "#", out TopicFilter parsed, out MalformedReason reason))
        {
            await Problem.Wrong($"'{filter}' is no Topic Filter: {reason.ToText()}").ExecuteAsync(context);
            return;
        }

        LiveFilter live = new(parsed);
        if (!TurnWork.Read(source.Broker.Turn, () => source.Observation.Lookout.TryAdd(live)))
        {
            await Problem.Wrong($"as many pages watch as may ({Lookout.FiltersMax}): close one").ExecuteAsync(context);
            return;
        }

        AnswerLease.BecomesStream(context, isTimed: false);
        try
        {
            await ServerEvents.BeginAsync(context);
            while (!ApiFaults.IsHead(context) && gate.MayGoOn(context))
            {
                using CancellationTokenSource beat = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
                beat.CancelAfter(ServerEvents.BeatEvery);
                try
                {
                    LiveMessage message = await live.Reader.ReadAsync(beat.Token);
                    if (!gate.MayGoOn(context))
                        return;
                    byte[] json = JsonSerializer.SerializeToUtf8Bytes(ShapeOf.Of(message.Topic, message.Payload, message.Bytes, message.QoS, message.Retain, message.UnixMs, mayRead: true, message.Publisher, message.Skipped), ApiJson.Default.Message);
                    await ServerEvents.WriteAsync(context, "message", json);
                }
                catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
                {
                    await ServerEvents.WriteBeatAsync(context);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
        finally
        {
            _ = TurnWork.Read(source.Broker.Turn, () =>
            {
                source.Observation.Lookout.Remove(live);
                return 0;
            });
        }
    }

    private async Task<IResult> PublishAsync([FromBody] GatewayShapes.NewMessage message, HttpContext context)
    {
        if (!TopicName.TryParse(message.Topic ?? "", out _, out MalformedReason reason))
            return Problem.Wrong($"'{message.Topic}' is no Topic Name: {reason.ToText()}");
        if (message.QoS is < 0 or > 2)
            return Problem.Wrong("'qoS' is 0, 1 or 2");
        if (!TryRead(message, out byte[] payload, out string wrong))
            return Problem.Wrong(wrong);
        string topic = message.Topic!;
        if (!source.Broker.Limits.FitsPacket(Encoding.UTF8.GetByteCount(topic), payload.Length))
            return Problem.TooLarge($"the message does not fit a packet of {source.Broker.Limits.PacketBytesMax} bytes (Limits:PacketBytesMax)");
        bool isTooLarge = false;
        ((bool isReserved, PublishOutcome outcome), DurableEnd end) = await DurableChange.MakeAsync(source.Broker, () =>
        {
            Route route = source.Broker.Routes.Get(topic);
            if (route.IsReserved || topic.Count(static c => c == '/') >= source.Broker.Limits.TopicLevelsMax)
                return (true, PublishOutcome.NoRoom);
            Publication publication = new() { Route = route, QoS = (QoS)message.QoS, Retain = message.Retain, Payload = payload, Origin = Origin.Gateway, NowMs = source.Broker.Turn.NowMs };
            // Before anybody gets it: what finds no room is not published, and whoever asked may ask again.
            bool hasNoRoom = source.Broker.HasNoRoomFor(publication);
            isTooLarge = hasNoRoom && !source.Broker.Custody.CanEverHold(publication.ContentBytes);
            return (false, hasNoRoom ? PublishOutcome.NoRoom : source.Broker.Publish(ref publication));
        });
        if (isReserved)
            return Problem.Wrong("topics below $SYS/ and $gw/ are the gateway's to publish, and nobody can subscribe to one below $share/; and a topic has a bound of levels (Limits:TopicLevelsMax)");
        if (isTooLarge)
            return Problem.TooLarge($"the message is larger than the journal can hold (Limits:JournalBytesMax is {source.Broker.Limits.JournalBytesMax})");
        if (Certainty.Lacking(outcome == PublishOutcome.NoRoom ? DurableEnd.NoRoom : end, "There is no room where the message would have to wait.") is { } problem)
            return problem;
        return new Answer<GatewayShapes.Published>(new GatewayShapes.Published(outcome == PublishOutcome.Accepted), ApiJson.Default.Published);
    }

    private static bool TryRead(GatewayShapes.NewMessage message, out byte[] payload, out string wrong)
    {
        wrong = message is { Text: not null, Base64: not null } ? "'text' and 'base64' are both there: a message has one payload" : "";
        payload = [];
        if (wrong.Length > 0)
            return false;
        if (message.Base64 is { } base64)
        {
            payload = new byte[base64.Length];
            if (!Convert.TryFromBase64String(base64, payload, out int length))
                wrong = "'base64' is not Base64";
            payload = payload[..(wrong.Length == 0 ? length : 0)];
        }
        else
        {
            payload = Encoding.UTF8.GetBytes(message.Text ?? "");
        }

        return wrong.Length == 0;
    }

    private async Task<IResult> RetainedAsync(string? filter, int? offset, int? limit, HttpContext context)
    {
        if (!TopicFilter.TryParse(filter ?? "#", out TopicFilter parsed, out MalformedReason reason))
            return Problem.Wrong($"'{filter}' is no Topic Filter: {reason.ToText()}");
        bool mayRead = MayRead(context);
        int skip = offset ?? 0;
        int most = limit ?? 100;
        List<GatewayShapes.Message> items = [];
        bool isMore = false;
        long bytes = 0;
        await TurnWork.ForEachRetainedAsync(source.Broker, parsed.Match, message =>
        {
            if (message.IsExpired(source.Broker.Turn.NowMs) || skip-- > 0)
                return true;
            GatewayShapes.Message? item = items.Count == most ? null
                : ShapeOf.Of(message.Topic, message.Payload, message.Payload.Length, (int)message.QoS, isRetained: true, ShapeOf.AcceptedAt(message, source.Broker.Clock), mayRead);
            bytes += JsonBytes.Of(item);
            if (item is null || (items.Count > 0 && bytes > AnswerRoom.ListBytesMax))
            {
                isMore = true;
                return false;
            }

            items.Add(item);
            return true;
        });
        (int total, long all) = TurnWork.Read(source.Broker.Turn, () => (source.Broker.Retained.Count, source.Broker.Retained.Bytes));
        return new Answer<GatewayShapes.Retained>(new GatewayShapes.Retained(total, all, isMore, items), ApiJson.Default.Retained);
    }

    private async Task<IResult> UnretainAsync(string topic, HttpContext context)
    {
        (bool isDone, DurableEnd end) = await DurableChange.MakeAsync(source.Broker, () => RemoveRetained(source, topic));
        if (!isDone)
            return Problem.NotFound("retained message on that topic");
        if (Certainty.Lacking(end, "There is no room on the disk to note that it is not retained any more.") is { } problem)
            return problem;
        source.Changed(context, $"retained message of {topic} removed");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"{topic} is not retained any more"), ApiJson.Default.Done);
    }

    private static bool MayRead(HttpContext context) => Caller.Of(context).Role >= ConsoleRole.Operator;
}
