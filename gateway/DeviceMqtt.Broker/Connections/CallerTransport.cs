namespace DeviceMqtt.Broker.Connections;

/// <summary>A transport of somebody else's, who waits for the end.</summary>
internal sealed class CallerTransport(Action abort, Func<long>? bytesTaken, Func<long>? bytesUnread) : ITransport
{
    public void Abort() => abort();

    public long? BytesTaken() => bytesTaken?.Invoke();

    public long? BytesUnread() => bytesUnread?.Invoke();

    public void Ended(Exception? fault)
    {
        // The events have told it.
    }
}
