using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>The running gateway that a command is to ask: <c>mqtt://user:password@host:1883</c>, or <c>host:1883</c>.</summary>
internal static class GatewayAddress
{
    /// <param name="argument">What the command calls it, for the message.</param>
    /// <param name="text">As it was given; it is never repeated, for there may be a password in it.</param>
    /// <exception cref="SettingException">It is no address.</exception>
    public static UpstreamAddress Parse(string argument, string text)
    {
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
