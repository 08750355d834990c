namespace nanoFramework.Networking;

/// <summary>How far the network is.</summary>
public enum NetworkHelperStatus
{
    /// <summary>Nothing was tried.</summary>
    None,

    /// <summary>It is being tried.</summary>
    Started,

    /// <summary>It has an address.</summary>
    NetworkIsReady,

    /// <summary>There is no interface.</summary>
    FailedNoNetworkInterface,

    /// <summary>No address came in time.</summary>
    TokenExpiredWaitingIPAddress,
}
