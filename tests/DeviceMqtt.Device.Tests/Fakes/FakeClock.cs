namespace DeviceMqtt.Device.Tests
{
    /// <summary>Wall time by hand.</summary>
    internal sealed class FakeClock : ISettableClock
    {
        /// <summary>Milliseconds since 1970; negative: not set.</summary>
        internal long UnixMs { get; set; } = 1795210757100;

        public bool TryGetUnixMs(out long unixMs)
        {
            unixMs = UnixMs;
            return UnixMs >= 0;
        }

        public bool TrySet(long unixMs)
        {
            UnixMs = unixMs;
            return true;
        }
    }
}
