using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace DeviceMqtt.Gateway.Web;

/// <summary>What one request has of the <see cref="AnswerRoom"/>, until its answer is with the kernel or its connection is gone. Belongs to its request.</summary>
internal sealed class AnswerLease(AnswerRoom room, Caller caller) : IDisposable
{
    private const string RetryAfterSeconds = "2"; // chosen: what is under way is with its client by then, or waits for long
    private const double StreamBytesPerSecond = 240; // as the server has it by itself: who takes nothing at all is ended
    private const int BytesOfPatience = 30 * 4 * 1024; // of an answer that have the time of one. Chosen: 4 KB a second, a bad radio link
    private static readonly TimeSpan StreamGrace = TimeSpan.FromSeconds(20);
    private long _bytes;
    private bool _isRequest = true;

    /// <summary>Counts a request that was let in. Is given back with the end of its answer.</summary>
    /// <returns>False when there are too many of this user: it is answered.</returns>
    public static async Task<bool> TryBeginAsync(HttpContext context, AnswerRoom room, Caller caller)
    {
        if (!room.TryBegin(caller, out AnswerLease? lease))
        {
            await RefuseAsync(context, room, caller, "As many requests of yours are under way as may be.");
            return false;
        }

        context.Features.Set(lease);
        context.Response.RegisterForDispose(lease);
        return true;
    }

    /// <summary>The request of that context goes on as a stream, which has a bound of its own.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="isTimed">Somebody looks whether each part of it is taken in time; otherwise the server does.</param>
    public static void BecomesStream(HttpContext context, bool isTimed)
    {
        context.Features.Get<AnswerLease>()?.EndRequest();
        Set(context, isTimed ? null : new MinDataRate(StreamBytesPerSecond, StreamGrace));
    }

    /// <summary>Writes an answer that is whole. Those of strangers are short, and take no room.</summary>
    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        AnswerLease? lease = context.Features.Get<AnswerLease>();
        if (lease is not null && !lease.TryTake(body.Length))
        {
            await RefuseAsync(context, lease.Room, lease.Caller, "Answers to you, or to all, that nobody has taken yet fill the memory for them.");
            return;
        }

        context.Response.ContentLength = body.Length;
        if (lease is null)
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        else
            await lease.WriteInTimeAsync(context, body);
    }

    public void Dispose()
    {
        if (_bytes > 0)
            room.Give(caller, _bytes);
        _bytes = 0;
        EndRequest();
    }

    private AnswerRoom Room => room;

    private Caller Caller => caller;

    private static Task RefuseAsync(HttpContext context, AnswerRoom room, Caller caller, string detail)
    {
        room.Refused?.Invoke(caller, detail);
        context.Response.Headers.Remove("ETag");
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many at once", detail, "Try again in some seconds.");
    }

    // Instead of the rate that the server asks for: it is said who was too slow.
    private async Task WriteInTimeAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        Set(context, rate: null);
        using CancellationTokenSource patience = new(room.AnswerTime * (1 + ((double)body.Length / BytesOfPatience)));
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
        try
        {
            await context.Response.Body.WriteAsync(body, end.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            room.GivenUp?.Invoke(caller, body.Length);
            context.Abort();
        }
    }

    private static void Set(HttpContext context, MinDataRate? rate)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } feature)
            feature.MinDataRate = rate;
    }

    private void EndRequest()
    {
        if (!_isRequest)
            return;
        _isRequest = false;
        room.EndRequest(caller);
    }

    private bool TryTake(int bytes)
    {
        if (!room.TryTake(caller, bytes, mayBeMore: true))
            return false;
        _bytes += bytes;
        return true;
    }
}
