using System.Globalization;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Api;

/// <summary>
/// Behind the gate: lets a change through when its line in <c>audit.log</c> is sure to be written, and when its caller has made fewer than <see cref="ChangeLimit.PerMinuteMax"/> in this
/// minute. So nobody makes a change that leaves no line, nor pushes the lines before out of the file in a moment.
/// </summary>
/// <param name="audit">Has the lines; null where nothing is kept.</param>
/// <param name="time">For the minute.</param>
internal sealed class ChangeGate(AuditTrail? audit, TimeProvider time)
{
    private const int FailedRetrySeconds = 10; // chosen: the file is tried again each second
    private readonly ChangeLimit _limit = new(time);

    /// <summary>Refuses with 429 (RFC 6585, section 4) or 503 what is one change too many, each with Retry-After.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (audit is null || context.GetEndpoint()?.Metadata.GetMetadata<Needs>()?.Changes(context.Request.Method) != true)
        {
            await next(context);
            return;
        }

        Caller caller = Caller.Of(context);
        if (!_limit.TryTake($"{(caller.Token is null ? "key" : "user")} {caller.Name}", out int waitSeconds))
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, waitSeconds, "Too many changes", $"There may be {ChangeLimit.PerMinuteMax} changes of one caller in a minute, and {ChangeLimit.AllPerMinuteMax} of all.", $"Try again in {waitSeconds} s.");
            return;
        }

        if (!audit.TryBeginChange())
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, FailedRetrySeconds, "No audit", $"No change is made without its line, and '{AuditFile.NameOf(AuditKind.Changed)}' in the data folder cannot be written, or not so fast.", "Look at the log and at the disk, then try again.");
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            audit.EndChange();
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, int waitSeconds, string title, string detail, string todo)
    {
        context.Response.Headers.RetryAfter = waitSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(context, status, title, detail, todo);
    }
}
