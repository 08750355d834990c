namespace DeviceMqtt.Relay.Mapping;

/// <summary>Whether two Topic Filters can match one Topic Name, and one that they do.</summary>
internal static class TopicOverlap
{
    // Stands for any level.
    private const string AnyLevel = "x";

    /// <returns>A Topic Name that both match; null when there is none.</returns>
    public static string? Sample(string one, string other)
    {
        string[] a = one.Split('/');
        string[] b = other.Split('/');
        if (IsWild(a[0]) != IsWild(b[0]) && (a[0].StartsWith('$') || b[0].StartsWith('$')))
            return null; // [MQTT-4.7.2-1]
        List<string> levels = [];
        for (int i = 0; ; i++)
        {
            bool endsA = i == a.Length;
            bool endsB = i == b.Length;
            if (endsA && endsB)
                return string.Join('/', levels);
            if ((endsA && b[i] == "#") || (endsB && a[i] == "#"))
                return string.Join('/', levels); // "#" matches the parent, too
            if (endsA || endsB)
                return null;
            if (a[i] == "#" || b[i] == "#")
            {
                levels.AddRange((a[i] == "#" ? b : a).Skip(i).Select(static level => IsWild(level) ? AnyLevel : level));
                return string.Join('/', levels);
            }

            if (!IsWild(a[i]) && !IsWild(b[i]) && a[i] != b[i])
                return null;
            levels.Add(!IsWild(a[i]) ? a[i] : !IsWild(b[i]) ? b[i] : AnyLevel);
        }
    }

    private static bool IsWild(string level) => level is "+" or "#";
}
