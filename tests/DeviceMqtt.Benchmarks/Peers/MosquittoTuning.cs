namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>In what a mosquitto differs from what Debian ships.</summary>
internal enum MosquittoTuning
{
    /// <summary>In nothing that counts for the row.</summary>
    AsShipped,

    /// <summary><c>set_tcp_nodelay true</c> where a row asks for low latency; as shipped it is false.</summary>
    SendsAtOnce,

    /// <summary><c>max_inflight_messages 0</c> where it is a bridge: nothing waits for an acknowledgement. As shipped it is 20.</summary>
    BridgeWithoutWindow,
}
