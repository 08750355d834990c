using System.Globalization;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>How long, as people write it: <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>2h</c>, <c>7d</c>; seconds when there is no unit.</summary>
internal static class TimeText
{
    /// <summary>The longest that there is: 7 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <returns>Null when it is none, or not between a millisecond and <see cref="Longest"/>.</returns>
    public static TimeSpan? Read(string text)
    {
        (double factor, int unit) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (0.001, 2),
            _ when text.EndsWith('s') => (1, 1),
            _ when text.EndsWith('m') => (60, 1),
            _ when text.EndsWith('h') => (3600, 1),
            _ when text.EndsWith('d') => (86_400, 1),
            _ => (1.0, 0),
        };
        if (!double.TryParse(text.AsSpan(0, text.Length - unit), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            return null;
        double seconds = number * factor;
        return seconds >= 0.001 && seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>For people: the two largest units.</summary>
    public static string Of(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{time.Days} d {time.Hours} h",
        { TotalHours: >= 1 } => $"{time.Hours} h {time.Minutes} m",
        { TotalMinutes: >= 1 } => $"{time.Minutes} m {time.Seconds} s",
        _ => $"{Math.Max(0, (int)time.TotalSeconds)} s",
    };
}
