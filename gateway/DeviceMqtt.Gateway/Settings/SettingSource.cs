namespace DeviceMqtt.Gateway.Settings;

/// <summary>A value that is set, and where.</summary>
/// <param name="Key"><c>Section:Key</c>.</param>
/// <param name="Value">As text.</param>
/// <param name="From">The file, the environment or the command line.</param>
internal sealed record SettingSource(string Key, string Value, string From);
