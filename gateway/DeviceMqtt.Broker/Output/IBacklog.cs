namespace DeviceMqtt.Broker.Output;

/// <summary>Messages that wait for one <see cref="ConnectionOutput"/>.</summary>
internal interface IBacklog
{
    /// <summary>Sends what waits, as far as window and network allow. Called inside a turn.</summary>
    void Pump(long nowMs);
}
