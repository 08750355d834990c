using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security.Rights;

/// <summary>What the users of one role may do: settings <c>Security:Rights:ROLE</c>, an entry of <see cref="Users.RoleFile"/>, or one of the gateway's own (<see cref="Roles"/>).</summary>
internal sealed class RoleRights
{
    /// <summary>Topics that they may publish to: Topic Filters with placeholders (<see cref="RuleText"/>).</summary>
    public List<string> Publish { get; set; } = [];

    /// <summary>Topics that they may have. Their own P2P topics and receipts they always may.</summary>
    public List<string> Subscribe { get; set; } = [];

    /// <summary>They may send P2P messages to devices, where <see cref="Publish"/> lets them.</summary>
    public bool Commands { get; set; }

    /// <summary>What the broker knows them as; null for what <see cref="Commands"/> says.</summary>
    internal ClientRole? Kind { get; init; }

    /// <summary>All topics, those that begin with <c>$</c> too.</summary>
    internal bool IsEverything { get; init; }

    /// <inheritdoc cref="Kind"/>
    internal ClientRole ClientRole => Kind ?? (Commands ? ClientRole.Operator : ClientRole.Device);

    /// <summary>A rule has <c>%d</c>: then the device name that a client says has to be its own.</summary>
    internal bool NamesDevice => Names(Publish) || Names(Subscribe);

    /// <summary>The same while those of the role may the same.</summary>
    internal string Stamp => $"{ClientRole} {IsEverything} {string.Join(' ', Publish)} | {string.Join(' ', Subscribe)} | {Commands}";

    /// <summary>What is wrong, as a sentence that names the place; null when nothing is.</summary>
    /// <param name="place">Where the rules stand.</param>
    public string? Check(string place)
    {
        foreach ((string name, List<string> rules) in ((string, List<string>)[])[(nameof(Publish), Publish), (nameof(Subscribe), Subscribe)])
            for (int i = 0; i < rules.Count; i++)
                if (RuleText.Check(rules[i]) is { } wrong)
                    return $"{place}:{name}:{i} is '{SafeText.Of(rules[i], 200)}': {wrong}";
        return null;
    }

    private static bool Names(List<string> rules) => rules.Exists(static rule => RuleText.HasPlaceholder(rule, 'd'));
}
