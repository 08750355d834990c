using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>The running gateway that a command is to ask: that of a data folder, or <c>mqtt://user:password@host:1883</c>, or <c>host:1883</c>.</summary>
internal static class GatewayAddress
{
    /// <summary>The gateway at the address, or where there is none that of the data folder.</summary>
    /// <param name="argument">What the command calls the address.</param>
    /// <param name="text">The address; null for none.</param>
    /// <param name="dataFolder">As <c>--data</c> has it; null for the one of <c>run</c>.</param>
    /// <exception cref="SettingException">It is no address.</exception>
    public static GatewayDoor Find(string argument, string? text, string? dataFolder) =>
        text is null ? GatewayDoor.In(DeviceWords.NameOfDataFolder(dataFolder)) : GatewayDoor.At(Parse(argument, text));

    /// <param name="argument">What the command calls it, for the message.</param>
    /// <param name="text">As it was given; it is never repeated, for there may be a password in it.</param>
    /// <exception cref="SettingException">It is no address.</exception>
    private static UpstreamAddress Parse(string argument, string text)
    {
        // What is no option of a command counts as its argument: somebody asked for a host called '--al'.
        if (text.StartsWith('-'))
            throw new SettingException($"{argument} cannot be used: it begins with '-', and there is no such option");
        try
        {
            return UpstreamAddress.Parse(text.Contains("://", StringComparison.Ordinal) ? text : "mqtt://" + text);
        }
        catch (SettingException exception)
        {
            throw new SettingException(exception.Message.Replace(nameof(GatewayOptions.Upstream), argument, StringComparison.Ordinal));
        }
    }
}
