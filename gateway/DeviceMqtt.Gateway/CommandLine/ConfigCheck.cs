using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Settings that are read and checked, with what is wrong and where.</summary>
internal static class ConfigCheck
{
    /// <summary>Reads settings and checks all that can be checked without a start.</summary>
    /// <exception cref="SettingException">Something is wrong; the message says what, and where in the file.</exception>
    public static GatewayOptions Read(string? file, IReadOnlyList<string> listen, IReadOnlyDictionary<string, string?> overrides)
    {
        try
        {
            GatewayOptions options = SettingsReader.Read(file, listen, overrides);
            GatewayHost.Check(options);
            return options;
        }
        catch (SettingException exception) when (file is not null)
        {
            throw new SettingException(SettingLine.Locate(file, exception.Message));
        }
    }
}
