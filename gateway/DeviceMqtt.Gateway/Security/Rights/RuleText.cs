using System.Diagnostics.CodeAnalysis;
using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Security.Rights;

/// <summary>A rule as it is written: a Topic Filter with <c>%c</c>, <c>%u</c>, <c>%d</c> and <c>%g</c> (<see cref="ClientNames"/>), and <c>%%</c> for a percent sign.</summary>
internal static class RuleText
{
    // No real name is like it: what stands in place of a placeholder while a rule is checked.
    private static readonly ClientNames Anybody = new("GID_x@@@x", "x");

    /// <summary>What is wrong with a rule, as the end of a sentence; null when nothing is.</summary>
    public static string? Check(string rule)
    {
        for (int at = rule.IndexOf('%', StringComparison.Ordinal); at >= 0; at = at + 2 < rule.Length ? rule.IndexOf('%', at + 2) : -1)
            if (at + 1 == rule.Length || !(ClientNames.Letters + '%').Contains(rule[at + 1], StringComparison.Ordinal))
                return "after % must come c (Client Identifier), u (user), d (device), g (group) or %";
        if (rule.StartsWith("$share", StringComparison.Ordinal))
            return "a rule is about topics, however a subscription is shared";
        string filled = Fill(rule, Anybody) ?? "";
        return TopicFilter.TryParse(filled, out _, out MalformedReason reason) ? null : reason.ToText();
    }

    /// <summary>Whether a rule, or a level of one, has a placeholder. With each CONNECT, so nothing is made for it.</summary>
    /// <param name="rule">Checked before.</param>
    /// <param name="letter">Which; null for any.</param>
    public static bool HasPlaceholder(ReadOnlySpan<char> rule, char? letter = null)
    {
        for (int at = rule.IndexOf('%'); at >= 0 && at + 1 < rule.Length; at = rule.IndexOf('%'))
        {
            if (rule[at + 1] != '%' && (letter ?? rule[at + 1]) == rule[at + 1])
                return true;
            rule = rule[(at + 2)..];
        }

        return false;
    }

    /// <summary>The rule for one client.</summary>
    /// <returns>False when it has a placeholder that the client has no usable name for: it does not hold for this one.</returns>
    public static bool TryFill(string rule, ClientNames names, [NotNullWhen(true)] out string? filter) => (filter = Fill(rule, names)) is not null;

    // Each placeholder once, from left to right: a name with a percent sign is not looked at again.
    private static string? Fill(string rule, ClientNames names)
    {
        if (!rule.Contains('%', StringComparison.Ordinal))
            return rule;
        StringBuilder filled = new();
        for (int i = 0; i < rule.Length; i++)
        {
            if (rule[i] != '%')
                _ = filled.Append(rule[i]);
            else if (rule[++i] == '%')
                _ = filled.Append('%');
            else if (names.For(rule[i]) is { } name)
                _ = filled.Append(name);
            else
                return null;
        }

        return filled.ToString();
    }
}
