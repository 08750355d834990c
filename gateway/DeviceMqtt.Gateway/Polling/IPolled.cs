namespace DeviceMqtt.Gateway.Polling;

/// <summary>What a <see cref="Poller"/> watches.</summary>
internal interface IPolled
{
    /// <summary>Something has happened to its socket. On the poller's thread, and quick.</summary>
    /// <param name="events">As epoll has them.</param>
    void Happened(uint events);
}
