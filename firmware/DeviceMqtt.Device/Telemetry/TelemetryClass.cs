namespace DeviceMqtt.Device
{
    /// <summary>What a reading is worth when the gateway is away.</summary>
    public enum TelemetryClass
    {
        /// <summary>QoS 0: only the newest counts; dropped and counted without a connection.</summary>
        Live = 0,

        /// <summary>QoS 1: kept in the outbox until it is acknowledged.</summary>
        Kept = 1,
    }
}
