using System.Device.Wifi;

namespace nanoFramework.Networking;

/// <summary>A PC has a network, so this one always connects, unless a test takes it away.</summary>
public static class WifiNetworkHelper
{
    /// <summary>How far the network is.</summary>
    public static NetworkHelperStatus Status { get; private set; }

    /// <summary>Whether there is a network to connect to.</summary>
    internal static bool IsInReach { get; set; } = true;

    /// <summary>How often a configuration was written to flash.</summary>
    internal static int ConfigurationWrites { get; set; }

    /// <summary>Name of the network that is stored on the board; the driver connects to it by itself.</summary>
    internal static string StoredSsid { get; set; } = "";

    /// <summary>Its password.</summary>
    internal static string StoredPassword { get; set; } = "";

    /// <summary>Connects with a name and password, and stores them.</summary>
    public static bool ConnectDhcp(
        string ssid, string password, WifiReconnectionKind reconnectionKind, bool requiresDateTime, int wifiAdapterId, CancellationToken token)
    {
        ConfigurationWrites++;
        StoredSsid = ssid;
        StoredPassword = password;
        return Reconnect(requiresDateTime, wifiAdapterId, token);
    }

    /// <summary>Waits for the network that is stored.</summary>
    public static bool Reconnect(bool requiresDateTime, int wifiAdapterId, CancellationToken token)
    {
        Status = IsInReach ? NetworkHelperStatus.NetworkIsReady : NetworkHelperStatus.TokenExpiredWaitingIPAddress;
        return IsInReach;
    }
}
