namespace DeviceMqtt.Broker.Words;

/// <summary>Where a message came from. What came from the upstream never goes back there.</summary>
internal enum Origin : byte
{
    /// <summary>A client of this gateway.</summary>
    Client,

    /// <summary>The gateway itself.</summary>
    Gateway,

    /// <summary>The upstream broker.</summary>
    Upstream,
}
