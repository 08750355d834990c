namespace DeviceMqtt.Gateway.Devices;

/// <summary>What a client that is not here has said of its presence last. Owned by the turn.</summary>
internal sealed class ToldPresence
{
    /// <summary>Whether it is there; null where nothing was told.</summary>
    public bool? IsOnline { get; set; }

    /// <summary>Since when, in monotonic milliseconds: the clock on the wall may have been set since. Of no meaning where nothing was told.</summary>
    public long SinceMs { get; set; }

    /// <summary>The same in milliseconds since 1970, as the clock had it; 0 where nothing was told.</summary>
    public long SinceUnixMs { get; set; }
}
