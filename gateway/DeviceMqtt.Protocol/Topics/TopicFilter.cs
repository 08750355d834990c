using System.Text;

namespace DeviceMqtt.Protocol;

/// <summary>
/// A Topic Filter (5.0, 4.7 and 4.8.2): levels separated by <c>/</c>; <c>+</c> alone in a level matches any one level; <c>#</c> alone in the last
/// level matches any number of them, the parent included. <c>$share/name/filter</c> is a shared subscription.
/// </summary>
/// <remarks>
/// Shared subscriptions are of 5.0, but a filter that begins with <c>$share/</c> is read as one in every version: a plain filter of that
/// spelling would match nothing that a client may publish, and older clients get the use of them.
/// </remarks>
public readonly record struct TopicFilter
{
    private const string SharePrefix = "$share/";

    private readonly string? _value;
    private readonly int _matchOffset;

    private TopicFilter(string value, int matchOffset)
    {
        _value = value;
        _matchOffset = matchOffset;
        HasWildcard = value.AsSpan(matchOffset).IndexOfAny('+', '#') >= 0;
    }

    /// <summary>The filter as it is on the wire, <c>$share/name/</c> included.</summary>
    public string Value => _value ?? string.Empty;

    public bool HasWildcard { get; }

    public bool IsShared => _matchOffset > 0;

    /// <summary>The name in <c>$share/name/filter</c>; null when it is not shared.</summary>
    public string? ShareName => IsShared ? Value[SharePrefix.Length..(_matchOffset - 1)] : null;

    /// <summary>What topic names are compared with: the filter without <c>$share/name/</c>.</summary>
    public string Match => Value[_matchOffset..];

    public static bool TryParse(string text, out TopicFilter filter, out MalformedReason reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        filter = default;
        int matchOffset = 0;
        if (text.Length == 0)
            reason = MalformedReason.TopicFilterEmpty; // [MQTT-4.7.3-1]
        else if (MqttUtf8.Check(text, out reason) && TryFindMatch(text, out matchOffset, out reason) && !HasSoundWildcards(text.AsSpan(matchOffset)))
            reason = MalformedReason.TopicFilterWildcardMisplaced; // [MQTT-4.7.1-1], [MQTT-4.7.1-2]
        if (reason != MalformedReason.None)
            return false;
        filter = new TopicFilter(text, matchOffset);
        return true;
    }

    public static bool TryParse(ReadOnlySpan<byte> utf8, out TopicFilter filter, out MalformedReason reason)
    {
        filter = default;
        return MqttUtf8.Check(utf8, out reason) && TryParse(Encoding.UTF8.GetString(utf8), out filter, out reason);
    }

    /// <summary>
    /// Compares level by level: the plain reading of the specification, against which faster ones are tested. Wildcards at the first level do
    /// not match a name that begins with <c>$</c>. [MQTT-4.7.2-1]
    /// </summary>
    public bool Matches(TopicName name)
    {
        if (_value is null)
            return false;
        string[] filterLevels = Match.Split('/');
        string[] nameLevels = name.Value.Split('/');
        if (name.IsReserved && (filterLevels[0] is "+" or "#"))
            return false;
        for (int level = 0; level < filterLevels.Length; level++)
        {
            if (filterLevels[level] == "#")
                return true; // also with nothing left: "sport/#" matches "sport"
            if (level == nameLevels.Length)
                return false;
            if (filterLevels[level] != "+" && filterLevels[level] != nameLevels[level])
                return false;
        }

        return filterLevels.Length == nameLevels.Length;
    }

    public override string ToString() => Value;

    /// <summary>Finds where the filter proper begins, behind <c>$share/name/</c>. [MQTT-4.8.2-1], [MQTT-4.8.2-2]</summary>
    private static bool TryFindMatch(string text, out int matchOffset, out MalformedReason reason)
    {
        matchOffset = 0;
        reason = MalformedReason.None;
        if (!text.StartsWith(SharePrefix, StringComparison.Ordinal) && text != "$share")
            return true;
        int nameEnd = text.Length > SharePrefix.Length ? text.IndexOf('/', SharePrefix.Length) : -1;
        bool sound = nameEnd > SharePrefix.Length && nameEnd + 1 < text.Length
            && text.AsSpan(SharePrefix.Length, nameEnd - SharePrefix.Length).IndexOfAny('+', '#') < 0;
        if (sound)
            matchOffset = nameEnd + 1;
        else
            reason = MalformedReason.SharedSubscriptionInvalid;
        return sound;
    }

    private static bool HasSoundWildcards(ReadOnlySpan<char> filter)
    {
        foreach (Range level in filter.Split('/'))
        {
            ReadOnlySpan<char> text = filter[level];
            if (text.IndexOfAny('+', '#') < 0)
                continue;
            bool isLast = level.End.Value == filter.Length;
            if (text.Length != 1 || (text[0] == '#' && !isLast))
                return false;
        }

        return true;
    }
}
