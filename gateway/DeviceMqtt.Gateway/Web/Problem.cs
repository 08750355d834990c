using System.Text.Json;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Web;

/// <summary>What went wrong, for a program and for a person (RFC 9457): <c>type</c>, <c>title</c>, <c>status</c>, <c>detail</c>, and <c>do</c>, which says what to do.</summary>
internal sealed class Problem(int status, string title, string detail, string? todo) : IResult
{
    public const string ContentType = "application/problem+json";
    private const int QuotedCharsMax = 60; // chosen

    public static Problem NotFound(string what) => new(StatusCodes.Status404NotFound, "Not found", $"There is no {what}.", null);

    public static Problem Wrong(string detail) => new(StatusCodes.Status400BadRequest, "Cannot be done", detail, null);

    /// <summary>What was sent is larger than a limit allows.</summary>
    public static Problem TooLarge(string detail) => new(StatusCodes.Status413PayloadTooLarge, "Too large", detail, null);

    /// <summary>What was asked for found no room on the disk.</summary>
    public static Problem NoRoom(string detail) => new(StatusCodes.Status507InsufficientStorage, "No room", detail, "See Health.");

    public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, status, title, detail, todo);

    public static async Task WriteAsync(HttpContext context, int status, string title, string detail, string? todo)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        await using (Utf8JsonWriter writer = new(context.Response.BodyWriter))
            Write(writer, status, title, detail, todo);
        // The answer has begun: nobody says it once more.
        _ = await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Of what was sent, as much as an answer says again.</summary>
    public static string Quote(string sent) => SafeText.Of(sent, QuotedCharsMax);

    private static void Write(Utf8JsonWriter writer, int status, string title, string detail, string? todo)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "about:blank"); // its status says what it is (RFC 9457, section 4.2.1)
        writer.WriteString("title", title);
        writer.WriteNumber("status", status);
        writer.WriteString("detail", detail);
        if (todo is not null)
            writer.WriteString("do", todo);
        writer.WriteEndObject();
    }
}
