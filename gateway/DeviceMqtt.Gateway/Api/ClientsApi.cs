using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/clients</c>: who is connected or has a Session, and its end.</summary>
internal sealed class ClientsApi(ConsoleSource source)
{
    private const int PageMax = 200;

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder clients = api.MapGroup("/clients").WithTags("Clients");
        clients.MapGet("/", ListAsync).WithMetadata(Needs.ToSee, Asks.Offset, Asks.Limit(PageMax), Asks.OneOf("sort", "name", "waiting")).WithSummary("Clients that are connected or have a Session").Produces<GatewayShapes.Clients>();
        clients.MapDelete("/", EndAsync).WithMetadata(Needs.ToChange, MayFail.DurablyNamed).WithSummary("End a Session, with its connection").Produces<GatewayShapes.Done>();
    }

    private async Task<IResult> ListAsync(string? q, string? sort, int? offset, int? limit)
    {
        // Those that are on the page are described, and no others.
        List<(string ClientId, int Waiting, Session Session)> matched = [];
        int all = 0;
        await TurnWork.ForEachAsync(source.Broker.Turn, [], () => source.Broker.Sessions.All, (Session session) =>
        {
            all++;
            if (string.IsNullOrEmpty(q) || session.ClientId.Contains(q, StringComparison.OrdinalIgnoreCase) || AddressOf(session).Contains(q, StringComparison.OrdinalIgnoreCase))
                matched.Add((session.ClientId, session.Queue.Count, session));
        });
        matched.Sort((a, b) => sort == "waiting" && a.Waiting != b.Waiting ? b.Waiting.CompareTo(a.Waiting) : string.CompareOrdinal(a.ClientId, b.ClientId));
        int from = Math.Min(offset ?? 0, matched.Count);
        IEnumerable<(string ClientId, int Waiting, Session Session)> page = matched.Skip(from).Take(limit ?? 60);
        List<GatewayShapes.Client> items = TurnWork.Read(source.Broker.Turn, () => JsonBytes.Cut(page.Select(one => Describe(one.Session)), JsonBytes.Of, AnswerRoom.ListBytesMax));
        return new Answer<GatewayShapes.Clients>(new GatewayShapes.Clients(all, matched.Count, from, source.NowUnixMs, items), ApiJson.Default.Clients);
    }

    private Visit? LastVisitOf(Session session) => source.Observation.Clients.Of(session.ClientId) is { Count: > 0 } visits ? visits[^1] : null;

    private string AddressOf(Session session) => session.IsConnected ? DeviceRows.AddressOf(session) : LastVisitOf(session)?.Address ?? "";

    private GatewayShapes.Client Describe(Session session)
    {
        Visit? last = LastVisitOf(session);
        bool isHere = session.IsConnected;
        return new GatewayShapes.Client(
            session.ClientId, isHere, session.Role?.ToString().ToLowerInvariant(), isHere ? session.Connection!.Version.ToString() : null, AddressOf(session),
            isHere ? last?.FromUnixMs ?? 0 : last?.ToUnixMs ?? 0, isHere ? session.Terms.KeepAliveSeconds : 0, session.Subscriptions.Count, session.InflightCount,
            session.Queue.Count, session.Queue.Bytes, source.Broker.Limits.QueueMessagesMax, session.IsDurable, session.EndsAtMs == long.MaxValue ? 0 : source.Broker.Clock.ToUnixMs(session.EndsAtMs));
    }

    private async Task<IResult> EndAsync(string id, HttpContext context)
    {
        (bool isDone, DurableEnd end) = await DurableChange.MakeAsync(source.Broker, () =>
        {
            if (source.Broker.Sessions.Find(id) is not { } session)
                return false;
            source.Mqtt.Connections.EndByOperator(session);
            return true;
        });
        if (!isDone)
            return Problem.NotFound("session of that Client Identifier");
        if (Certainty.Lacking(end, "There is no room on the disk to note it.") is { } problem)
            return problem;
        source.Changed(context, $"session of {id} ended");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"the session of {id} is ended"), ApiJson.Default.Done);
    }
}
