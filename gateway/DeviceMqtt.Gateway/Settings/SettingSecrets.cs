namespace DeviceMqtt.Gateway.Settings;

/// <summary>Which settings are not for a screen.</summary>
internal static class SettingSecrets
{
    private static readonly string[] Words = ["Password", "Secret", "Users", "AccessKeys", "Token"];

    private const string Hidden = "•••";

    /// <summary>A value for a screen or a log: nothing of one that is a secret, and of an address not who may use it.</summary>
    /// <param name="key"><c>Section:Key</c>.</param>
    /// <param name="value">As it is set.</param>
    public static string Shown(string key, string value)
    {
        if (value.Length > 0 && IsOne(key))
            return Hidden;
        int at = value.LastIndexOf('@');
        int scheme = value.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && at > scheme ? $"{value[..(scheme + 3)]}{Hidden}{value[at..]}" : value;
    }

    /// <summary>The value of that setting is a secret.</summary>
    /// <param name="key"><c>Section:Key</c>.</param>
    public static bool IsOne(string key) => Array.Exists(Words, word => key.Contains(word, StringComparison.OrdinalIgnoreCase));
}
