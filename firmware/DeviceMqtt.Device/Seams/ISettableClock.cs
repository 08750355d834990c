namespace DeviceMqtt.Device
{
    /// <summary>A clock that can be told the time.</summary>
    public interface ISettableClock : IClock
    {
        /// <summary>Sets it, in milliseconds since 1970-01-01 UTC. False if the chip refuses.</summary>
        bool TrySet(long unixMs);
    }
}
