using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/start</c>: all that the console needs for its first picture, with one request that the page makes before its script is there.</summary>
internal sealed class StartApi(SessionApi session, Gate gate, AnswerRoom answers, DeviceList list)
{
    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/start", StartAsync).WithMetadata(Needs.Nothing, Asks.OneOf("sort", DeviceQuery.Orders), Asks.OneOf("devices", Asks.Flags), new MayFail(StatusCodes.Status503ServiceUnavailable)).WithTags("Session").WithSummary("Who is logged in, and the first page of the devices if somebody is").Produces<GatewayShapes.Start>();

    private async Task<IResult> StartAsync(string? q, string? sort, bool? devices, HttpContext context)
    {
        session.SayCode();
        Caller? caller = gate.Find(context);
        if (caller is not null && !await AnswerLease.TryBeginAsync(context, answers, caller))
            return Results.Empty;
        GatewayShapes.Session who = session.SessionOf(context, caller);
        DeviceShapes.Page? page = who.State == "in" && devices != false && DeviceQuery.Parse(q, out _) is { } query ? await list.PageAsync(query, sort, 0, DeviceList.PageRows) : null;
        return new Answer<GatewayShapes.Start>(new GatewayShapes.Start(who, page), ApiJson.Default.Start);
    }
}
