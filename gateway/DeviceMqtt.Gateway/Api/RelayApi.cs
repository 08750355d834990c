using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/relay</c>: each upstream with its backlog, and what it does not take.</summary>
internal sealed class RelayApi(ConsoleSource source)
{
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder relay = api.MapGroup("/relay").WithTags("Relay");
        relay.MapGet("/", List).WithMetadata(Needs.ToSee).WithSummary("The upstreams").Produces<GatewayShapes.Relay>();
        relay.MapPost("/{name}/try", TryNow).WithMetadata(Needs.ToChange).WithSummary("Try to connect now").Produces<GatewayShapes.Done>();
        relay.MapGet("/{name}/aside", Aside).WithMetadata(Needs.ToSee).WithSummary("Messages that the upstream does not take").Produces<IReadOnlyList<GatewayShapes.Aside>>();
        relay.MapPost("/{name}/aside/{number:int}/retry", RetryAsync).WithMetadata(Needs.ToChange, MayFail.Durably).WithSummary("Have one tried again").Produces<GatewayShapes.Done>();
        relay.MapDelete("/{name}/aside/{number:int}", DropAsync).WithMetadata(Needs.ToChange, MayFail.Durably).WithSummary("Drop one").Produces<GatewayShapes.Done>();
    }

    private Answer<GatewayShapes.Relay> List() =>
        new Answer<GatewayShapes.Relay>(TurnWork.Read(source.Broker.Turn, () => new GatewayShapes.Relay(source.NowUnixMs, [.. source.Uplinks.Select(Describe)])), ApiJson.Default.Relay);

    private GatewayShapes.Upstream Describe(Uplink uplink)
    {
        UplinkStatus status = uplink.Status;
        RelaySession session = uplink.Session;
        bool isUp = status.State == UplinkState.Connected;
        bool hasFailed = !isUp && status.LastEnd.Reason != UplinkEndReason.None;
        return new GatewayShapes.Upstream(
            uplink.Name, isUp ? "connected" : "away", status.Since.ToUnixTimeMilliseconds(), status.Address, status.Version,
            hasFailed ? UpstreamWords.Of(status.LastEnd.Reason) : null, hasFailed ? status.LastEnd.Detail : null, hasFailed ? UpstreamWords.Todo(status.LastEnd.Reason) : null,
            session.Buffer.Count, session.Buffer.Bytes, session.Buffer.OldestMs is { } oldest ? Math.Max(0, source.Broker.Turn.NowMs - oldest) : 0, session.Acknowledged, session.Received,
            session.Buffer.SetAsides.Count, session.Buffer.SetAsides.Bytes, source.Broker.Limits.RelayMessagesMax, source.Broker.Limits.RelayBytesMax,
            source.Observation.Relay.Of(uplink.Name), uplink.NextTry?.ToUnixTimeMilliseconds());
    }

    // Asked of one that is connected or is being tried, it has come true already.
    private IResult TryNow(string name, HttpContext context)
    {
        if (source.Uplinks.FirstOrDefault(u => u.Name == name) is not { } uplink)
            return Problem.NotFound("upstream of that name");
        bool ended = uplink.TryNow();
        if (ended)
            source.Changed(context, $"upstream '{name}' is tried before its time");
        string words = ended ? "it is tried now" : uplink.Status.State == UplinkState.Connected ? "it is connected" : "it is being tried already";
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done(words), ApiJson.Default.Done);
    }

    private IResult Aside(string name, HttpContext context)
    {
        bool mayRead = Caller.Of(context).Role >= ConsoleRole.Operator;
        IReadOnlyList<GatewayShapes.Aside>? found = TurnWork.Read<IReadOnlyList<GatewayShapes.Aside>?>(source.Broker.Turn, () =>
            Find(name) is { } session ? [.. session.Buffer.SetAsides.All.Select(a => Describe(a.Number, a.Queued.Message, a.Why, mayRead))] : null);
        return found is null ? Problem.NotFound("upstream of that name") : new Answer<IReadOnlyList<GatewayShapes.Aside>>(found, ApiJson.Default.AsideMessages);
    }

    private GatewayShapes.Aside Describe(int number, Message message, AsideReason why, bool mayRead) => new(
        number, why.ReasonCode == 0 ? "it ends the connection each time it is sent" : $"the upstream refused it: {(ReasonCode)why.ReasonCode}",
        ShapeOf.Of(message.Topic, message.Payload, message.Payload.Length, (int)message.QoS, message.Retain, ShapeOf.AcceptedAt(message, source.Broker.Clock), mayRead));

    private Task<IResult> RetryAsync(string name, int number, HttpContext context) => DoAsync(name, context, "waits again", session =>
    {
        bool isDone = session.Buffer.TryTakeBack(number);
        session.Tick(); // it leaves at once
        return isDone ? null
            : session.Buffer.SetAsides.Find(number) is null ? NoSuchAside
            : Problem.Wrong("The backlog of this upstream has no place for it: it stays aside. Try again when the backlog has gone up.");
    });

    private Task<IResult> DropAsync(string name, int number, HttpContext context) => DoAsync(name, context, "is dropped", session => session.Buffer.TryDropAside(number) ? null : NoSuchAside);

    // What is done returns null, or why it was not.
    private async Task<IResult> DoAsync(string name, HttpContext context, string words, Func<RelaySession, Problem?> act)
    {
        Problem? refused = null;
        (bool isDone, DurableEnd end) = await DurableChange.MakeAsync(source.Broker, () =>
        {
            refused = Find(name) is { } session ? act(session) : NoSuchAside;
            return refused is null;
        });
        if (!isDone)
            return refused!;
        if (Certainty.Lacking(end, "There is no room on the disk to note it.") is { } problem)
            return problem;
        source.Changed(context, $"a message set aside of upstream '{name}' {words}");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"the message {words}"), ApiJson.Default.Done);
    }

    private static Problem NoSuchAside => Problem.NotFound("such message set aside");

    private RelaySession? Find(string name) => source.Uplinks.FirstOrDefault(u => u.Name == name)?.Session;
}
