namespace DeviceMqtt.Broker.Output;

/// <content>What the network has taken.</content>
internal sealed partial class ConnectionOutput
{
    private bool _tellsBacklog;

    /// <summary>Bytes that were written until now.</summary>
    public long Written { get; private set; }

    /// <summary>Something was to leave, and nothing held it back: the CONNACK, and what is behind it.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Of <see cref="Written"/>, bytes that the network has taken.</summary>
    public long Taken { get; private set; }

    /// <summary>The backlog is pumped behind the next flush, whether there was room before or not: it wants to know what the network has taken.</summary>
    public void TellBacklog() => _tellsBacklog = true;

    private void NoteTaken(bool isGone)
    {
        if (!isGone)
            Taken += _flushing;
        _flushing = 0;
        _closed |= isGone;
    }
}
