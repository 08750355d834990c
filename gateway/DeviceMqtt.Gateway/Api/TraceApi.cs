using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Tracing;
using DeviceMqtt.Gateway.Web;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/trace</c>: where a message is. Payloads are not noted: who may see the topics may see their ways.</summary>
internal sealed class TraceApi(ConsoleSource source)
{
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder trace = api.MapGroup("/trace").WithTags("Messages");
        trace.MapGet("/", FindAsync).WithMetadata(Needs.ToSee, Asks.Number("minutes", 1, TraceQuestion.MinutesMaxMax), Asks.Limit(TraceQuestion.LimitMax)).WithSummary("Messages with their ways, by client, filter or command id").Produces<TraceShapes.Trace>();
        trace.MapPost("/rules", Keep).WithMetadata(Needs.ToChange, BodyMax.Filter).WithSummary("Keep the messages of a client or filter for longer").Produces<GatewayShapes.Done>();
        trace.MapDelete("/rules", End).WithMetadata(Needs.ToChange, MayFail.Named).WithSummary("Keep them no longer").Produces<GatewayShapes.Done>();
    }

    private async Task<IResult> FindAsync(string? client, string? filter, string? command, int? minutes, int? limit, HttpContext context)
    {
        if (TraceQuestion.Read(client, filter, command, minutes, limit, out TraceQuestion question) is { } wrong)
            return Problem.Wrong(wrong);
        return new Answer<TraceShapes.Trace>(await source.Traces.FindAsync(question, context.RequestAborted), ApiJson.Default.Trace);
    }

    private IResult Keep([FromBody] TraceShapes.NewKeptRule rule, HttpContext context)
    {
        if (source.Traces.Keep(rule.Client, rule.Filter, rule.Minutes) is { } wrong)
            return Problem.Wrong(wrong);
        source.Changed(context, $"messages of {rule.Client ?? rule.Filter} are kept to be followed");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"messages of {rule.Client ?? rule.Filter} are kept from now on"), ApiJson.Default.Done);
    }

    private IResult End(string text, HttpContext context)
    {
        if (!source.Traces.End(text))
            return Problem.NotFound("rule of that text");
        source.Changed(context, $"messages of {text} are not kept any more");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"messages of {text} are not kept any more"), ApiJson.Default.Done);
    }
}
