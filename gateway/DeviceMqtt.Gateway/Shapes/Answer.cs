using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Shapes;

/// <summary>A JSON answer with an ETag: one that has it already gets 304.</summary>
internal sealed class Answer<T>(T value, JsonTypeInfo<T> type) : IResult
{
    private const int TagBytes = 12;
    private const int WeakMark = 2; // characters: W/

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        HttpResponse response = httpContext.Response;
        response.Headers.CacheControl = "private, no-cache";
        // Only where the answer would be 200 is anything asked of a tag (RFC 9110, section 13.2.1): "not ready" that is known already is "not ready".
        if (HttpMethods.IsGet(httpContext.Request.Method) && response.StatusCode == StatusCodes.Status200OK)
        {
            string tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, TagBytes))}\"";
            response.Headers.ETag = tag;
            if (IsKnown(httpContext.Request.Headers.IfNoneMatch.ToString(), tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        response.ContentType = "application/json; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        await AnswerLease.WriteAsync(httpContext, body);
    }

    // The weak comparison (RFC 9110, sections 8.8.3.2 and 13.1.2): a tag fits with "W/" and without. "*" fits whatever there is.
    private static bool IsKnown(string asked, string tag) =>
        asked.Split(',', StringSplitOptions.TrimEntries).Any(one => one == "*" || one == tag || one == tag[WeakMark..]);
}
