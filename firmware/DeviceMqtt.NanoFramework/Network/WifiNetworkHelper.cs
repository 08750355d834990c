using System.Device.Wifi;

namespace nanoFramework.Networking;

/// <summary>A PC has a network, so this one always connects, unless a test takes it away or says what its password is.</summary>
public static class WifiNetworkHelper
{
    /// <summary>How far the network is.</summary>
    public static NetworkHelperStatus Status { get; private set; }

    /// <summary>The adapter of the last call.</summary>
    public static WifiAdapter? WifiAdapter { get; private set; }

    /// <summary>Whether there is a network to connect to.</summary>
    internal static bool IsInReach { get; set; } = true;

    /// <summary>The network's password; null for one that takes any.</summary>
    internal static string? PasswordInForce { get; set; }

    /// <summary>Whether the driver is connected, with what is stored.</summary>
    internal static bool IsUp => IsInReach && (PasswordInForce is null || PasswordInForce == StoredPassword);

    /// <summary>How often a configuration was written to flash.</summary>
    internal static int ConfigurationWrites { get; set; }

    /// <summary>Name of the network that is stored on the board; the driver connects to it by itself.</summary>
    internal static string StoredSsid { get; set; } = "";

    /// <summary>Its password.</summary>
    internal static string StoredPassword { get; set; } = "";

    /// <summary>Connects with a name and password, and stores them; a board that is connected to a network of that name is left as it is.</summary>
    public static bool ConnectDhcp(
        string ssid, string password, WifiReconnectionKind reconnectionKind, bool requiresDateTime, int wifiAdapterId, CancellationToken token)
    {
        WifiAdapter = WifiAdapter.FindAllAdapters()[wifiAdapterId];
        if (!IsUp || StoredSsid != ssid)
        {
            ConfigurationWrites++;
            StoredSsid = ssid;
            StoredPassword = password;
        }

        return Wait();
    }

    /// <summary>Waits for the network that is stored.</summary>
    public static bool Reconnect(bool requiresDateTime, int wifiAdapterId, CancellationToken token)
    {
        WifiAdapter = WifiAdapter.FindAllAdapters()[wifiAdapterId];
        return Wait();
    }

    private static bool Wait()
    {
        Status = IsUp ? NetworkHelperStatus.NetworkIsReady : NetworkHelperStatus.TokenExpiredWaitingIPAddress;
        return IsUp;
    }
}
