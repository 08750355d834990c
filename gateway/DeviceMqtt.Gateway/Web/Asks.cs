using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace DeviceMqtt.Gateway.Web;

/// <summary>
/// Marks an end point of the API with what a parameter of its query may be: looked at in one place before the end point runs, so that all lists
/// refuse the same, and told in openapi.json. An empty or missing one is the default of the end point.
/// </summary>
/// <param name="Name">Of the parameter.</param>
/// <param name="Min">The least number.</param>
/// <param name="Max">The greatest.</param>
/// <param name="Words">Those that there are; null for a number.</param>
internal sealed record Asks(string Name, long Min, long Max, IReadOnlyList<string>? Words)
{
    /// <summary>Where a page of a list begins.</summary>
    public static readonly Asks Offset = Number("offset", 0, int.MaxValue);

    /// <summary>The words of a parameter that is true or false.</summary>
    public static readonly IReadOnlyList<string> Flags = ["true", "false"];

    private const long LastUnixMs = 253_402_300_799_999; // the end of the year 9999, the last that .NET has

    public static Asks Number(string name, long min, long max) => new(name, min, max, Words: null);

    /// <summary>How many there are on a page of a list.</summary>
    public static Asks Limit(int max) => Number("limit", 1, max);

    /// <summary>Milliseconds since 1970.</summary>
    public static Asks Time(string name) => Number(name, 0, LastUnixMs);

    public static Asks OneOf(string name, params IReadOnlyList<string> words) => new(name, 0, 0, words);

    /// <summary>Behind the gate: refuses what is not as the end point of this request asks.</summary>
    public static Task RunAsync(HttpContext context, RequestDelegate next)
    {
        foreach (Asks one in context.GetEndpoint()?.Metadata.GetOrderedMetadata<Asks>() ?? [])
            if (context.Request.Query.TryGetValue(one.Name, out StringValues values) && one.WhyNot(values.ToString()) is { } wrong)
                return Problem.Wrong(wrong).ExecuteAsync(context);
        return next(context);
    }

    private string? WhyNot(string value)
    {
        if (value.Length == 0)
            return null;
        if (Words is { } words)
            return words.Contains(value) ? null : $"'{Name}' is '{Problem.Quote(value)}'; it is one of {string.Join(", ", words)}";
        bool isNumber = long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        if (isNumber && number >= Min && number <= Max)
            return null;
        return $"'{Name}' is {(isNumber ? value : $"'{Problem.Quote(value)}'")}; it must be a whole number between {Min} and {Max}";
    }
}
