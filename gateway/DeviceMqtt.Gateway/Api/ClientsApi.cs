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
        clients.MapGet("/", ListAsync).WithMetadata(Needs.ToSee).WithSummary("Clients that are connected or have a Session").Produces<GatewayShapes.Clients>();
        clients.MapDelete("/", EndAsync).WithMetadata(Needs.ToChange).WithSummary("End a Session, with its connection").Produces<GatewayShapes.Done>();
    }

    private async Task<IResult> ListAsync(string? q, string? sort, int? offset, int? limit)
    {
        List<GatewayShapes.Client> all = [];
        await TurnWork.ForEachAsync(source.Broker.Turn, [], () => source.Broker.Sessions.All, (Session session) => all.Add(Describe(session)));
        IEnumerable<GatewayShapes.Client> matched = string.IsNullOrEmpty(q) ? all
            : all.Where(c => c.ClientId.Contains(q, StringComparison.OrdinalIgnoreCase) || c.Address.Contains(q, StringComparison.OrdinalIgnoreCase));
        List<GatewayShapes.Client> sorted = [.. sort == "waiting" ? matched.OrderByDescending(static c => c.Waiting).ThenBy(static c => c.ClientId, StringComparer.Ordinal) : matched.OrderBy(static c => c.ClientId, StringComparer.Ordinal)];
        int from = Math.Clamp(offset ?? 0, 0, sorted.Count);
        return new Answer<GatewayShapes.Clients>(
            new GatewayShapes.Clients(all.Count, sorted.Count, from, source.NowUnixMs, sorted.GetRange(from, Math.Min(Math.Clamp(limit ?? 60, 1, PageMax), sorted.Count - from))), ApiJson.Default.Clients);
    }

    private GatewayShapes.Client Describe(Session session)
    {
        IReadOnlyList<Visit> visits = source.Observation.Clients.Of(session.ClientId);
        Visit? last = visits.Count > 0 ? visits[^1] : null;
        bool isHere = session.IsConnected;
        return new GatewayShapes.Client(
            session.ClientId, isHere, session.Role?.ToString().ToLowerInvariant(), isHere ? session.Connection!.Version.ToString() : null, isHere ? DeviceRows.AddressOf(session) : last?.Address ?? "",
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
