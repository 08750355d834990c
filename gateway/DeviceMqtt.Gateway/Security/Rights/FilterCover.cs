namespace DeviceMqtt.Gateway.Security.Rights;

/// <summary>
/// Topic Filters compared with Topic Names and with each other (5.0, 4.7), level by level and never as text. Wildcards at the first level do
/// not match names that begin with <c>$</c> [MQTT-4.7.2-1]. Does not allocate.
/// </summary>
internal static class FilterCover
{
    /// <summary>Whether a filter matches a Topic Name.</summary>
    public static bool Matches(ReadOnlySpan<char> filter, ReadOnlySpan<char> topicName)
    {
        if (topicName.StartsWith('$') && filter is ['+' or '#', ..])
            return false;
        while (true)
        {
            ReadOnlySpan<char> level = CutLevel(ref filter, out bool isLast);
            if (level is "#")
                return true;
            ReadOnlySpan<char> name = CutLevel(ref topicName, out bool isLastName);
            if (level is not "+" && !level.SequenceEqual(name))
                return false;
            if (isLastName)
                return isLast || filter is "#"; // "sport/#" matches "sport" (4.7.1.2)
            if (isLast)
                return false;
        }
    }

    /// <summary>Whether every Topic Name that the narrow filter matches is matched by the wide one.</summary>
    public static bool Covers(ReadOnlySpan<char> wide, ReadOnlySpan<char> narrow)
    {
        if (narrow.StartsWith('$') && wide is ['+' or '#', ..])
            return false;
        for (bool isFirst = true; ; isFirst = false)
        {
            ReadOnlySpan<char> level = CutLevel(ref wide, out bool isLast);
            if (level is "#")
                return true;
            ReadOnlySpan<char> inner = CutLevel(ref narrow, out bool isLastInner);
            if (inner is "#")
                return isFirst && level is "+" && wide is "#"; // a name has one level at least: "+/#" matches what "#" does
            if (level is not "+" && !level.SequenceEqual(inner))
                return false;
            if (isLastInner)
                return isLast || wide is "#";
            if (isLast)
                return false;
        }
    }

    private static ReadOnlySpan<char> CutLevel(ref ReadOnlySpan<char> rest, out bool isLast)
    {
        int slash = rest.IndexOf('/');
        isLast = slash < 0;
        ReadOnlySpan<char> level = isLast ? rest : rest[..slash];
        rest = isLast ? default : rest[(slash + 1)..];
        return level;
    }
}
