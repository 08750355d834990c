using nanoFramework.Networking;

namespace System.Net.NetworkInformation;

/// <summary>The Wi-Fi network that is stored on the board.</summary>
public class Wireless80211Configuration
{
    /// <summary>One of those that are stored.</summary>
    public Wireless80211Configuration(uint id)
    {
        Id = id;
    }

    /// <summary>Which of them.</summary>
    public uint Id { get; }

    /// <summary>Name of the network.</summary>
    public string Ssid { get; set; } = "";

    /// <summary>All that are stored: a board has one.</summary>
    public static Wireless80211Configuration[] GetAllWireless80211Configurations() => [new(0) { Ssid = WifiNetworkHelper.StoredSsid }];
}
