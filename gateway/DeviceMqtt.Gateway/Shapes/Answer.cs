using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Shapes;

/// <summary>A JSON answer with an ETag: one that has it already gets 304.</summary>
internal sealed class Answer<T>(T value, JsonTypeInfo<T> type) : IResult
{
    private const int TagBytes = 12;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        HttpResponse response = httpContext.Response;
        response.Headers.CacheControl = "private, no-cache";
        if (HttpMethods.IsGet(httpContext.Request.Method))
        {
            string tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, TagBytes))}\"";
            response.Headers.ETag = tag;
            if (httpContext.Request.Headers.IfNoneMatch.ToString().Split(',').Any(t => t.Trim() == tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        response.ContentType = "application/json; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        await AnswerLease.WriteAsync(httpContext, body);
    }
}
