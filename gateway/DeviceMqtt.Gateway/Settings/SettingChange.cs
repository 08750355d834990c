namespace DeviceMqtt.Gateway.Settings;

/// <summary>A setting that is another one than it was.</summary>
/// <param name="Key"><c>Section:Key</c>.</param>
/// <param name="Before">What it was; null when it was not there.</param>
/// <param name="After">What it is; null when it is not there any more.</param>
internal sealed record SettingChange(string Key, string? Before, string? After)
{
    /// <summary>Whether it counts without a restart.</summary>
    public bool IsLive => LiveSettings.IsLive(Key);

    /// <summary>For people, without what is secret.</summary>
    public override string ToString()
    {
        if (SettingSecrets.IsOne(Key) || Key.Contains("Addresses", StringComparison.Ordinal) || Key == nameof(GatewayOptions.Upstream))
            return $"{Key} ({(Before is null ? "new" : After is null ? "gone" : "another one")})";
        return (Before, After) switch
        {
            (null, _) => $"{Key} is {Shown(After)}",
            (_, null) => $"{Key} is gone, it was {Shown(Before)}",
            _ when Shown(Before) == Shown(After) => $"{Key} ({Shown(After)}, another secret in it)",
            _ => $"{Key} is {Shown(After)}, it was {Shown(Before)}",
        };
    }

    private string Shown(string? value) => SettingSecrets.Shown(Key, value ?? "");

    /// <summary>What differs between two sets of settings, by key.</summary>
    public static List<SettingChange> Between(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
    [
        .. before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(key => new SettingChange(key, before.GetValueOrDefault(key), after.GetValueOrDefault(key)))
            .Where(static change => change.Before != change.After),
    ];
}
