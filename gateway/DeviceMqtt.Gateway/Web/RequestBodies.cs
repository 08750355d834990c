using DeviceMqtt.Broker.Words;
using Microsoft.AspNetCore.Http.Features;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// How long the body of a request may be: as long as its end point has a use for (<see cref="BodyMax"/>), and for a stranger no longer than <see cref="Listeners.HttpFront"/> allows.
/// JSON takes several times its length while it is read, so only a few long ones are read at once. Safe from any thread.
/// </summary>
/// <param name="limits">For the longest message.</param>
internal sealed class RequestBodies(GatewayLimits limits)
{
    /// <summary>Long ones that are read at once. Chosen: each takes several times its length, and a small machine has 128 MB.</summary>
    public const int LongAtOnce = 2;

    private const int CopiesOfLong = 5; // measured: while JSON with a long Base64 text is read
    private int _underWay;

    /// <summary>Bytes of memory that the long ones take together at most.</summary>
    public static long LongBytesMax(GatewayLimits limits) => LongAtOnce * CopiesOfLong * BodyMax.Message.BytesFor(limits);

    /// <summary>Refuses a request whose body is too long for its end point, whoever has sent it: before anything of it is read, where its header says how long it is.</summary>
    /// <returns>False when it was answered.</returns>
    public async ValueTask<bool> AdmitAsync(HttpContext context)
    {
        long max = MaxOf(context);
        // Until it is known who it is, what is allowed to strangers is as much as there may be. What is longer is not read to its end either: the server closes the connection.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = Math.Min(max, body.MaxRequestBodySize ?? max);
        if (!(context.Request.ContentLength > max))
            return true;
        context.Response.Headers.Connection = "close";
        await Problem.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Too long", $"The body has {context.Request.ContentLength} bytes; here it has {max} at most.", null);
        return false;
    }

    /// <summary>Goes on with a request that was let in.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        long max = MaxOf(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = max;
        if (max <= BodyMax.View.Bytes || context.Request.ContentLength <= BodyMax.View.Bytes)
        {
            await next(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _underWay) > LongAtOnce)
                await Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many at once", $"{LongAtOnce} long messages are on their way in.", "Try again in some seconds.");
            else
                await next(context);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _underWay);
        }
    }

    private long MaxOf(HttpContext context) => BodyMax.Of(context.GetEndpoint()?.Metadata).BytesFor(limits);
}
