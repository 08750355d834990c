namespace DeviceMqtt.Device
{
    /// <summary>What a reading is worth when the gateway is away.</summary>
    public enum TelemetryClass
    {
        /// <summary>QoS 0: only the newest counts; dropped and counted without a connection.</summary>
        Live = 0,

        /// <summary>QoS 1: kept in the outbox until it is acknowledged.</summary>
        Kept = 1,

        /// <summary>QoS 1: kept like <see cref="Kept"/>, and in flash while the gateway is away, so that a restart does not lose it.</summary>
        Stored = 2,
    }
}
