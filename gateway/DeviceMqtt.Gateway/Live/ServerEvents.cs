namespace DeviceMqtt.Gateway.Live;

/// <summary>Server-Sent Events (WHATWG HTML, section 9.2) to one page.</summary>
internal static class ServerEvents
{
    /// <summary>Without an event something is said all the same, so that both ends notice when the other is gone.</summary>
    public static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);

    public static async Task BeginAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold it back
        await context.Response.Body.WriteAsync("retry: 1000\n\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <param name="context">The request.</param>
    /// <param name="name">Of the event.</param>
    /// <param name="json">One line.</param>
    public static Task WriteAsync(HttpContext context, string name, ReadOnlyMemory<byte> json) => WriteAsync(context, StreamEvent.FrameOf(name, id: null, json.Span));

    /// <summary>One that is whole already.</summary>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> frame)
    {
        await context.Response.Body.WriteAsync(frame, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public static async Task WriteBeatAsync(HttpContext context)
    {
        await context.Response.Body.WriteAsync(":\n\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
