using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>Devices for Home Assistant: section <c>HomeAssistant</c>.</summary>
internal sealed class HomeAssistantOptions
{
    /// <summary>Each device that tells its birth is announced to Home Assistant, by its MQTT discovery.</summary>
    public bool Enabled { get; set; }

    /// <summary>Where Home Assistant looks for devices: the discovery prefix of its MQTT integration, one topic level.</summary>
    public string DiscoveryPrefix { get; set; } = "homeassistant";

    /// <summary>First level of the topics by which Home Assistant commands devices, and of the states that are kept for it; one topic level.</summary>
    public string Base { get; set; } = "ha";

    /// <summary>First level of the devices' own topics; one topic level.</summary>
    public string DevicePrefix { get; set; } = DeviceTopic.DefaultPrefix;

    /// <summary>Most devices that are announced.</summary>
    public int DevicesMax { get; set; } = 2_000;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check()
    {
        foreach ((string name, string value) in ((string, string)[])[(nameof(DiscoveryPrefix), DiscoveryPrefix), (nameof(Base), Base), (nameof(DevicePrefix), DevicePrefix)])
            if (!DeviceTopic.IsName(value))
                return $"HomeAssistant:{name} is '{value}'; it must be one topic level, without + and #";
        if (Base == DiscoveryPrefix || Base == DevicePrefix || DiscoveryPrefix == DevicePrefix)
            return "HomeAssistant:DiscoveryPrefix, HomeAssistant:Base and HomeAssistant:DevicePrefix must be three different topic levels";
        return DevicesMax is < 1 or > 100_000 ? $"HomeAssistant:DevicesMax is {DevicesMax}; it must be from 1 to 100000" : null;
    }
}
