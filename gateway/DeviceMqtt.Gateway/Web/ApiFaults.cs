using System.Text.Json;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// Each error of the API is a problem (RFC 9457) that says which field or parameter is wrong: what routing refuses (404, 405, 415), what cannot be
/// read of a query or a body, and whatever else has set a status and said nothing. Safe from any thread.
/// </summary>
/// <param name="root">Path that the API begins with.</param>
/// <param name="limits">For the longest message.</param>
internal sealed class ApiFaults(string root, GatewayLimits limits)
{
    private static readonly object HeadKey = new();
    private static readonly string[] Others = ["/metrics", "/healthz", "/readyz"];

    /// <summary>HEAD is answered as GET is (RFC 9110, section 9.3.2): the server itself leaves out the body. Before routing.</summary>
    public void TakeHeadAsGet(HttpContext context)
    {
        if (!HttpMethods.IsHead(context.Request.Method) || !(IsOfApi(context) || Others.Contains(context.Request.Path.Value)))
            return;
        context.Items[HeadKey] = true;
        context.Request.Method = HttpMethods.Get;
    }

    /// <summary>The answer has no body: a stream is over with its header.</summary>
    public static bool IsHead(HttpContext context) => context.Items.ContainsKey(HeadKey);

    /// <summary>Behind routing, in front of everything that answers.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is null && IsOfApi(context))
        {
            RefuseBody(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (context.GetEndpoint() is { RequestDelegate: { } refusal } and not Microsoft.AspNetCore.Routing.RouteEndpoint)
        {
            // Routing has found the path, and not for this method or kind of body: nobody has to be let in for that, and nothing is read.
            RefuseBody(context);
            await refusal(context);
        }
        else
        {
            await GoOnAsync(context, next);
        }

        if (context.Response is { StatusCode: >= StatusCodes.Status400BadRequest, HasStarted: false })
            await SayAsync(context, context.Response.StatusCode, DetailOf(context));
    }

    private static async Task GoOnAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            // 413 and 415 have words of their own.
            if (exception.StatusCode == StatusCodes.Status400BadRequest)
                await SayAsync(context, exception.StatusCode, exception.InnerException is JsonException json ? DetailOf(json) : DetailOf(exception));
            else
                context.Response.StatusCode = exception.StatusCode;
        }
    }

    // What is not read does not stay in front of the next request.
    private static void RefuseBody(HttpContext context)
    {
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            context.Response.Headers.Connection = "close";
    }

    private bool IsOfApi(HttpContext context) => context.Request.Path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase);

    private string DetailOf(HttpContext context)
    {
        switch (context.Response.StatusCode)
        {
            case StatusCodes.Status404NotFound:
                return $"There is no such path in the API: see {root}/docs.";
            case StatusCodes.Status405MethodNotAllowed:
                string allowed = context.Response.Headers.Allow.ToString();
                // Who has GET has HEAD.
                if (allowed.Split(',', StringSplitOptions.TrimEntries).Contains(HttpMethods.Get))
                    context.Response.Headers.Allow = allowed += $", {HttpMethods.Head}";
                return $"This path does not have the method {context.Request.Method}; it has {allowed}.";
            case StatusCodes.Status413PayloadTooLarge:
                context.Response.Headers.Connection = "close";
                return $"The body is longer than {BodyMax.Of(context.GetEndpoint()?.Metadata).BytesFor(limits)} bytes.";
            case StatusCodes.Status415UnsupportedMediaType:
                return "The body is to be JSON: send the header 'Content-Type: application/json'.";
            case StatusCodes.Status400BadRequest:
                return "The body, or a parameter of the query, cannot be read.";
            default:
                return "The request cannot be answered.";
        }
    }

    // "$.name", "$.devices[3]"; "$" or nothing where it is the whole.
    private static string DetailOf(JsonException json)
    {
        string field = (json.Path ?? "").TrimStart('$').TrimStart('.');
        string where = json.LineNumber is { } line && json.BytePositionInLine is { } at ? $" (line {line + 1}, byte {at + 1})" : "";
        return field.Length > 0 ? $"'{Problem.Quote(field)}' in the body is not of its kind, or not JSON{where}." : $"The body is not a JSON object of this kind{where}.";
    }

    // The framework has words and nothing else for it: 'Required parameter "string topic" was not provided from query string.', 'Failed to bind parameter "bool? devices" from "nope".'
    private static string DetailOf(BadHttpRequestException exception)
    {
        string[] parts = exception.Message.Split('"');
        string name = parts.Length > 1 ? parts[1][(parts[1].LastIndexOf(' ') + 1)..] : "";
        if (name.Length == 0)
            return exception.Message;
        if (parts.Length > 3 && parts[2].Contains("from", StringComparison.Ordinal))
            return $"'{name}' cannot be '{Problem.Quote(string.Join('"', parts[3..^1]))}'.";
        return exception.Message.Contains("body", StringComparison.Ordinal) ? "The body is missing: it is to be a JSON object." : $"'{name}' is missing in the query.";
    }

    private static Task SayAsync(HttpContext context, int status, string detail) => Problem.WriteAsync(context, status, TitleOf(status), detail, todo: null);

    private static string TitleOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "Cannot be done",
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status405MethodNotAllowed => "Not a method of this path",
        StatusCodes.Status413PayloadTooLarge => "Too long",
        StatusCodes.Status415UnsupportedMediaType => "Not JSON",
        _ => "Not answered",
    };
}
