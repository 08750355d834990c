namespace DeviceMqtt.Gateway.Settings;

/// <summary>Which settings are not for a screen.</summary>
internal static class SettingSecrets
{
    private static readonly string[] Words = ["Password", "Secret", "Users", "AccessKeys", "Token"];

    /// <summary>The value of that setting is a secret.</summary>
    /// <param name="key"><c>Section:Key</c>.</param>
    public static bool IsOne(string key) => Array.Exists(Words, word => key.Contains(word, StringComparison.OrdinalIgnoreCase));
}
