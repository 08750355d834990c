using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Wire;

namespace DeviceMqtt.HomeAssistant;

/// <summary>The topics between the gateway and Home Assistant.</summary>
/// <param name="DiscoveryPrefix">Where Home Assistant looks for devices, <c>homeassistant</c> unless it was told otherwise.</param>
/// <param name="Base">First level of what Home Assistant publishes for devices, and of the states that are kept for it.</param>
/// <param name="DevicePrefix">First level of the devices' own topics.</param>
internal sealed record DiscoveryTopics(string DiscoveryPrefix, string Base, string DevicePrefix)
{
    private const int HashBytes = 4;

    /// <summary>What Home Assistant says of itself: <c>online</c> after its start, <c>offline</c> at its end.</summary>
    public string Status => $"{DiscoveryPrefix}/status";

    /// <summary>All documents of devices.</summary>
    public string AllConfigs => $"{DiscoveryPrefix}/device/+/config";

    /// <summary>All births.</summary>
    public string AllBirths => DeviceTopic.BuildInfo(DevicePrefix, "+");

    /// <summary>All events.</summary>
    public string AllEvents => DeviceTopic.BuildEvent(DevicePrefix, "+", "+");

    /// <summary>All that Home Assistant may want of devices.</summary>
    public string AllCommands => $"{Base}/+/cmd/#";

    /// <summary>Where the document of a device is.</summary>
    public string Config(string device) => $"{DiscoveryPrefix}/device/{ObjectId(device)}/config";

    /// <summary>Where the last event of that name is kept, retained.</summary>
    public string State(string device, string eventName) => $"{Base}/{device}/evt/{eventName}";

    /// <summary>Where Home Assistant publishes for one control of a device.</summary>
    public string Command(string device, string rest) => $"{Base}/{device}/cmd/{rest}";

    /// <summary>
    /// A device in the identifiers of Home Assistant, which have letters, digits, <c>-</c> and <c>_</c> alone. What has other characters gets a
    /// piece of its hash, so that no two devices are one.
    /// </summary>
    public string ObjectId(string device)
    {
        string whole = $"{DevicePrefix}_{device}";
        string plain = string.Concat(whole.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        return plain == whole ? plain : $"{plain}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)).AsSpan(0, HashBytes))}";
    }
}
