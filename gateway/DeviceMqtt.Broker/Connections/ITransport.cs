namespace DeviceMqtt.Broker.Connections;

/// <summary>What carries the bytes of one connection, beside reading and writing them.</summary>
internal interface ITransport
{
    /// <summary>Ends it at once, with what is not sent yet.</summary>
    void Abort();

    /// <summary>Bytes of what was sent that the client's machine has taken; null where nobody knows.</summary>
    long? BytesTaken();

    /// <summary>Bytes that have arrived and were not read yet; null where nobody knows.</summary>
    long? BytesUnread();

    /// <summary>The connection is over and settled: nobody reads or writes here any more. Told once.</summary>
    /// <param name="fault">What the gateway failed with; null for nothing.</param>
    void Ended(Exception? fault);
}
