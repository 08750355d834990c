using System.Globalization;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace DeviceMqtt.Gateway.Api;

/// <summary>What <c>openapi.json</c> says of each operation beside what the compiler knows: how long its body may be, what its parameters may be, and every status that it may answer with.</summary>
internal static class ApiDescription
{
    private const string ProblemName = "Problem";

    public static void Add(IServiceCollection services, GatewayLimits limits) => services.AddOpenApi("v1", options => options
        .AddOperationTransformer((operation, context, cancellation) => DescribeAsync(operation, context, limits, cancellation))
        .AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new() { Title = "DeviceMqtt gateway", Version = "v1", Description = "See and steer the gateway. Log in with a cookie (/session) or send 'Authorization: Bearer KEY'. Times are milliseconds since 1970. A body that is longer than its end point has a use for is refused (413) before it is read. Every error is a problem (RFC 9457). HEAD is answered as GET is, without the body; a method that a path does not have with 405." };
            document.Servers = [];
            return Task.CompletedTask;
        }));

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, GatewayLimits limits, CancellationToken cancellation)
    {
        EndpointMetadataCollection metadata = new(context.Description.ActionDescriptor.EndpointMetadata);
        foreach (Asks one in metadata.GetOrderedMetadata<Asks>())
            Describe(operation.Parameters?.OfType<OpenApiParameter>().FirstOrDefault(p => p.Name == one.Name), one);
        if (!("/" + context.Description.RelativePath).StartsWith(ConsolePages.Root + "/", StringComparison.Ordinal) && metadata.GetMetadata<Needs>()?.Role is null)
            return; // a probe
        if (context.Document!.Components?.Schemas?.ContainsKey(ProblemName) != true)
            _ = context.Document.AddComponent(ProblemName, await context.GetOrCreateSchemaAsync(typeof(GatewayShapes.Problem), null, cancellation));
        OpenApiResponses responses = operation.Responses ??= [];
        foreach ((int status, string words) in ErrorsOf(operation, context.Description.HttpMethod, metadata, limits))
            _ = responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
            {
                Description = words,
                Content = new Dictionary<string, OpenApiMediaType> { [Problem.ContentType] = new() { Schema = new OpenApiSchemaReference(ProblemName, context.Document) } },
            });
    }

    private static IEnumerable<(int Status, string Words)> ErrorsOf(OpenApiOperation operation, string? method, EndpointMetadataCollection metadata, GatewayLimits limits)
    {
        bool changes = !HttpMethods.IsGet(method ?? "");
        bool isForAll = metadata.GetMetadata<Needs>()?.Role is null;
        MayFail also = metadata.GetMetadata<MayFail>() ?? MayFail.Nothing;
        if (operation.RequestBody is not null || operation.Parameters?.Count > 0)
            yield return (StatusCodes.Status400BadRequest, "A field, a parameter or the state is wrong: 'detail' says which");
        if (!isForAll || also.Has(StatusCodes.Status401Unauthorized))
            yield return (StatusCodes.Status401Unauthorized, isForAll ? "The name or the password is wrong" : "Needs a login or an API key");
        if (!isForAll || changes)
            yield return (StatusCodes.Status403Forbidden, "The role is not enough, or a change with a cookie does not come from the console");
        if (also.Has(StatusCodes.Status404NotFound) || operation.Parameters?.Any(static p => p.In == ParameterLocation.Path) == true)
            yield return (StatusCodes.Status404NotFound, "There is none of that name");
        if (changes)
            yield return (StatusCodes.Status413PayloadTooLarge, $"The body is longer than {BodyMax.Of(metadata).BytesFor(limits)} bytes");
        if (operation.RequestBody is not null)
            yield return (StatusCodes.Status415UnsupportedMediaType, "The body is not sent as application/json");
        if (also.Has(StatusCodes.Status429TooManyRequests))
            yield return (StatusCodes.Status429TooManyRequests, "Too many logins wait to be checked");
        bool isAudited = metadata.GetMetadata<Needs>()?.Changes(method ?? "") == true;
        if (isAudited)
            yield return (StatusCodes.Status429TooManyRequests, $"More than {ChangeLimit.PerMinuteMax} changes in a minute; Retry-After says when there is room");
        if (!isForAll || also.Has(StatusCodes.Status503ServiceUnavailable))
            yield return (StatusCodes.Status503ServiceUnavailable, isAudited ? "Too many requests at once, or the disk has not confirmed it or takes no line of the audit" : "Too many requests at once, or the disk has not confirmed it");
        if (also.Has(StatusCodes.Status507InsufficientStorage))
            yield return (StatusCodes.Status507InsufficientStorage, "There is no room on the disk");
    }

    private static void Describe(OpenApiParameter? parameter, Asks asks)
    {
        if (parameter?.Schema is not OpenApiSchema schema || asks.Words == Asks.Flags)
            return; // its type says it
        if (asks.Words is { } words)
        {
            schema.Enum = [.. words.Select(static word => System.Text.Json.Nodes.JsonValue.Create(word))];
            return;
        }

        schema.Minimum = asks.Min.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = asks.Max.ToString(CultureInfo.InvariantCulture);
    }
}
