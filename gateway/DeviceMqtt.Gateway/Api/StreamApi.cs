using System.Text;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/stream</c>: what changes, as Server-Sent Events that can be resumed.</summary>
internal sealed class StreamApi(StreamHub hub, Gate gate)
{
    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/stream").WithTags("Stream");
        group.MapGet("/", ListenAsync).WithMetadata(Needs.ToSee).WithSummary("States of all devices, and readings of those in view (Server-Sent Events)").Produces<GatewayShapes.Tick>(StatusCodes.Status200OK, "text/event-stream");
        group.MapPost("/{id}/view", View).WithMetadata(Needs.ToSee, BodyMax.View).WithSummary("Which devices the page shows").Produces<GatewayShapes.Done>();
    }

    private async Task ListenAsync(HttpContext context, CancellationToken gone)
    {
        if (!hub.TryOpen(Caller.Of(context), context.Abort, context.Request.Headers["Last-Event-ID"].ToString(), out StreamPage page))
        {
            await new Problem(StatusCodes.Status503ServiceUnavailable, "Too many pages", $"{StreamHub.PagesMax} pages listen already, or {StreamHub.PagesOfUserMax} of yours.", "Close some.").ExecuteAsync(context);
            return;
        }

        AnswerLease.BecomesStream(context, isTimed: true);
        try
        {
            await ServerEvents.BeginAsync(context);
            if (ApiFaults.IsHead(context))
                return;
            await ServerEvents.WriteAsync(context, "seat", Encoding.UTF8.GetBytes($"\"{page.Id}\""));
            while (true)
            {
                StreamEvent next = await page.NextAsync(hub.NowMs, gone);
                if (!gate.MayGoOn(context))
                    return; // the page asks who it is, and logs in again
                await ServerEvents.WriteAsync(context, next.Frame);
            }
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
        finally
        {
            hub.Close(page);
        }
    }

    private IResult View(string id, [FromBody] GatewayShapes.View view)
    {
        if (hub.Find(id) is not { } page)
            return Problem.NotFound("stream of that id: it has begun anew");
        hub.Show(page, view.Devices ?? []);
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"{(view.Devices ?? []).Count} in view"), ApiJson.Default.Done);
    }
}
