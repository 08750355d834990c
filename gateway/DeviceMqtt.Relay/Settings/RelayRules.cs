using DeviceMqtt.Relay.Mapping;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Relay.Settings;

/// <summary>The rules of one upstream, ready for use, and what is wrong with them as a whole.</summary>
internal sealed class RelayRules
{
    // Events of our boards do not wait behind a backlog of readings. The first rule that matches counts.
    private static readonly RelayRule[] Everything =
    [
        new() { Filter = "+/+/evt/#", Class = RelayClass.High },
        new() { Filter = "#" },
    ];

    private RelayRules(IEnumerable<RelayRule> rules, string prefix, string gateway)
    {
        foreach (RelayRule rule in rules)
        {
            TopicMapping mapping = new(rule.Filter, TemplateOf(rule, prefix), gateway);
            (rule.Direction == RelayDirection.Out ? Out : In).Add((rule, mapping));
        }
    }

    public List<(RelayRule Rule, TopicMapping Mapping)> Out { get; } = [];

    public List<(RelayRule Rule, TopicMapping Mapping)> In { get; } = [];

    /// <param name="rules">Checked before; so are the others.</param>
    /// <param name="filtersOut">What goes up where no rule says so; everything when there are none.</param>
    /// <param name="prefix">Of all topics upstream.</param>
    /// <param name="gateway">The gateway's Client Identifier upstream.</param>
    public static RelayRules Of(IReadOnlyList<RelayRule> rules, IReadOnlyList<string> filtersOut, string prefix, string gateway)
    {
        IEnumerable<RelayRule> all = rules;
        if (rules.All(static rule => rule.Direction == RelayDirection.In))
            all = all.Concat(filtersOut.Count == 0 ? Everything : filtersOut.Select(static filter => new RelayRule { Filter = filter }));
        return new RelayRules(all, prefix, gateway);
    }

    /// <summary>The first rule that is impossible there, or would send a message twice or in a circle, as a sentence with its number; null when there is none.</summary>
    public static string? Check(IReadOnlyList<RelayRule> all, IReadOnlyList<string> filtersOut, string prefix, string gateway, UpstreamProfile profile, string section)
    {
        for (int i = 0; i < all.Count; i++)
            if ((all[i].Check(gateway) ?? CheckThere(all[i], profile)) is { } wrong)
                return $"{section}:Rules:{i} cannot be used: {wrong}";
        RelayRules rules = Of(all, filtersOut, prefix, gateway);
        for (int i = 0; i < all.Count; i++)
        {
            RelayRule rule = all[i];
            for (int k = 0; k < i; k++)
                if (all[k].Direction == rule.Direction && TopicOverlap.Sample(all[k].Filter, rule.Filter) is { } twice)
                    return $"{section}:Rules:{i} cannot be used: '{twice}' would be sent twice, as {section}:Rules:{k} has it too";
            if (rule.Direction == RelayDirection.In && IsOfCommands(rule.Filter))
                return $"{section}:Rules:{i} cannot be used: its Filter is '{rule.Filter}', which has P2P topics alone; those come by the gateway's own subscriptions ({section}:P2P)";
            if (rule.Direction == RelayDirection.In && rules.FindCircle(rules.In.First(r => r.Rule == rule).Mapping, profile) is { } circle)
                return $"{section}:Rules:{i} cannot be used: {circle}";
        }

        return null;
    }

    // The names that come from the upstream are those of that side.
    private static string? CheckThere(RelayRule rule, UpstreamProfile profile) => rule.Direction == RelayDirection.In && !profile.Carries(rule.Filter)
        ? $"its Filter is '{rule.Filter}', and there is no such topic upstream with the profile {profile.Name}{(profile.GroupSeparator is { } separator ? $", where '{RelayOptions.GroupSeparator}' is '{separator}'" : "")}"
        : null;

    // By such a filter the gateway may be subscribed for a device already, and a broker has one subscription for each.
    private static bool IsOfCommands(string filter) => filter.Split('/') is [_, P2PTopic.Level, not "#"];

    private static string TemplateOf(RelayRule rule, string prefix) =>
        rule.Topic.Length == 0 && rule.Direction == RelayDirection.Out && prefix.Length > 0 ? prefix + "{topic}" : rule.Topic;

    // What goes up, comes down, goes up under yet another name and comes down again would go round for ever, between two gateways as well.
    // Where it has the same name each time the two sides are meant to be the same, and the origin of a message stops it.
    private string? FindCircle(TopicMapping down, UpstreamProfile profile)
    {
        foreach ((_, TopicMapping up) in Out)
        {
            if (TopicOverlap.Sample(profile.ToThere(up.TargetFilter), down.SourceFilter) is not { } upstream || down.Map(upstream) is not { } mapped)
                continue;
            string local = profile.ToHere(mapped);
            foreach ((_, TopicMapping again) in Out)
                if (again.Map(local) is { } name && profile.ToThere(name) is var next && next != upstream && In.Exists(r => r.Mapping.Map(next) is not null))
                    return $"it would make a loop: '{upstream}' comes down as '{local}', which goes up as '{next}', which comes down";
        }

        return null;
    }
}
