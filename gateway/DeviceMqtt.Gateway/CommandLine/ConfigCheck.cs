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
            throw new SettingException(Locate(file, listen, overrides, exception.Message));
        }
    }

    /// <summary>A sentence about a setting, with the place that its value is from: the file and the line, the environment, or the command line.</summary>
    /// <param name="file">The settings file; null for none, where the sentence stays as it is.</param>
    /// <param name="listen">Addresses of the command line.</param>
    /// <param name="overrides">Other settings of the command line.</param>
    /// <param name="sentence">Begins with the setting.</param>
    public static string Locate(string? file, IReadOnlyList<string> listen, IReadOnlyDictionary<string, string?> overrides, string sentence)
    {
        if (file is null)
            return sentence;
        try
        {
            return SettingLine.Locate(file, sentence, SettingsReader.Sources(file, listen, overrides));
        }
        catch (SettingException)
        {
            return sentence; // it is about the file as a whole
        }
    }
}
