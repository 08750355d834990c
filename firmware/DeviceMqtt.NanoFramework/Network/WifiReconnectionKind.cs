namespace System.Device.Wifi;

/// <summary>Who connects again when the network went away.</summary>
public enum WifiReconnectionKind
{
    /// <summary>The driver.</summary>
    Automatic,

    /// <summary>The application.</summary>
    Manual,
}
