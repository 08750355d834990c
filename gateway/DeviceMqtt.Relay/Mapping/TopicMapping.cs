using System.Globalization;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Mapping;

/// <summary>
/// Topic Names of one side as names of the other: a filter, and a template whose levels may be
/// <list type="bullet">
/// <item><c>{1}</c> to <c>{9}</c>: what that <c>+</c> of the filter stands for, counted from the left;</item>
/// <item><c>{#}</c>, last: what <c>#</c> stands for;</item>
/// <item><c>{topic}</c>, last: the whole name;</item>
/// <item>text, in which <c>{gateway}</c> is the gateway's Client Identifier.</item>
/// </list>
/// </summary>
internal sealed class TopicMapping
{
    private const string Gateway = "{gateway}";
    private const string Whole = "{topic}";
    private const string Rest = "{#}";
    private readonly TopicFilter _filter;
    private readonly string[] _template;
    private readonly int[] _plus;
    private readonly int _rest;

    /// <param name="filter">Checked before, with <see cref="Check"/>.</param>
    /// <param name="template">Empty for <c>{topic}</c>.</param>
    /// <param name="gateway">Stands for <c>{gateway}</c>.</param>
    public TopicMapping(string filter, string template, string gateway)
    {
        if (!TopicFilter.TryParse(filter, out _filter, out MalformedReason reason))
            throw new ArgumentException(reason.ToText(), nameof(filter));
        string[] levels = filter.Split('/');
        _plus = [.. Enumerable.Range(0, levels.Length).Where(i => levels[i] == "+")];
        _rest = Array.IndexOf(levels, "#");
        _template = (template.Length == 0 ? Whole : template).Replace(Gateway, gateway, StringComparison.Ordinal).Split('/');
        TargetFilter = string.Join('/', _template.Select(level => level switch
        {
            Whole => filter,
            Rest => "#",
            _ => PlusNumber(level) > 0 ? "+" : level,
        }));
    }

    public string SourceFilter => _filter.Value;

    /// <summary>All names that this makes.</summary>
    public string TargetFilter { get; }

    /// <summary>What is wrong with a template; null when nothing is.</summary>
    public static string? Check(string filter, string template, string gateway)
    {
        string[] source = filter.Split('/');
        string[] levels = template.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            bool isLast = i == levels.Length - 1;
            if (levels[i] is Whole or Rest && !isLast)
                return $"{levels[i]} must be its last level";
            if (levels[i] == Rest && source[^1] != "#")
                return $"{Rest} needs a Filter that ends with #";
            if (PlusNumber(levels[i]) > source.Count(static level => level == "+"))
                return $"{levels[i]} needs as many + in the Filter";
            if (levels[i] is not (Whole or Rest) && PlusNumber(levels[i]) == 0 && levels[i].Replace(Gateway, gateway, StringComparison.Ordinal).AsSpan().IndexOfAny("{}+#") >= 0)
                return $"the level '{levels[i]}' is neither text nor {{1}} to {{9}}, {Rest}, {Whole} or {Gateway}";
        }

        TopicMapping mapping = new(filter, template, gateway);
        if (!TopicFilter.TryParse(mapping.TargetFilter, out _, out MalformedReason reason))
            return reason.ToText();
        return mapping.TargetFilter.StartsWith('$') && template.Length > 0 ? "topics that begin with $ are each broker's own" : null;
    }

    /// <returns>The name on the other side; null when the filter does not match.</returns>
    public string? Map(string topic)
    {
        if (!TopicName.TryParse(topic, out TopicName name, out _) || !_filter.Matches(name))
            return null;
        if (_template is [Whole])
            return topic;
        string[] levels = topic.Split('/');
        List<string> mapped = [];
        foreach (string level in _template)
        {
            if (level == Whole)
                mapped.Add(topic);
            else if (level == Rest)
                mapped.AddRange(levels.Skip(_rest));
            else
                mapped.Add(PlusNumber(level) is > 0 and int number ? levels[_plus[number - 1]] : level);
        }

        return string.Join('/', mapped);
    }

    private static int PlusNumber(string level) => level is ['{', >= '1' and <= '9', '}'] ? int.Parse(level.AsSpan(1, 1), CultureInfo.InvariantCulture) : 0;
}
