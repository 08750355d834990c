namespace DeviceMqtt.Device
{
    /// <summary>Wall time, if the board knows it. How long the board has run is not asked here: it is passed to every tick.</summary>
    public interface IClock
    {
        /// <summary>Milliseconds since 1970-01-01 UTC. False as long as no time server has answered.</summary>
        bool TryGetUnixMs(out long unixMs);
    }
}
