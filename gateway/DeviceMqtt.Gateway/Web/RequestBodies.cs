using DeviceMqtt.Broker.Words;
using Microsoft.AspNetCore.Http.Features;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// How long the body of a request may be, once its sender was let in; <see cref="Listeners.HttpFront"/> bounds those of strangers. JSON takes several times
/// its length while it is read, so only a few long ones are read at once. Safe from any thread.
/// </summary>
/// <param name="limits">For the longest message.</param>
internal sealed class RequestBodies(GatewayLimits limits)
{
    /// <summary>Long ones that are read at once. Chosen: each takes several times its length, and a small machine has 128 MB.</summary>
    public const int LongAtOnce = 2;

    private const int CopiesOfLong = 5; // measured: while JSON with a long Base64 text is read

    private const int OrdinaryBytesMax = 256 * 1024; // chosen: two hundred devices in view, with the longest names
    private const int BeyondMessage = 64 * 1024; // its topic, and the words of JSON
    private int _underWay;

    /// <summary>Marks an end point that takes a message in Base64.</summary>
    internal sealed record Long
    {
        public static readonly Long Body = new();
    }

    /// <summary>Bytes of memory that the long ones take together at most.</summary>
    public static long LongBytesMax(GatewayLimits limits) => LongAtOnce * CopiesOfLong * LongestOf(limits);

    private static long LongestOf(GatewayLimits limits) => (2L * limits.PacketBytesMax) + BeyondMessage;

    /// <summary>Goes on with a request that was let in.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        bool isLong = context.GetEndpoint()?.Metadata.GetMetadata<Long>() is not null && !(context.Request.ContentLength <= OrdinaryBytesMax);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = isLong ? LongestOf(limits) : OrdinaryBytesMax;
        if (!isLong)
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
}
