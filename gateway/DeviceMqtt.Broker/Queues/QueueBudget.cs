namespace DeviceMqtt.Broker.Queues;

/// <summary>Bytes that wait in all queues together. A message that waits in several counts in each: the bound errs to the safe side.</summary>
internal sealed class QueueBudget(long bytesMax)
{
    public long Bytes { get; private set; }

    public long BytesMax => bytesMax;

    public bool HasRoomFor(int bytes) => Bytes + bytes <= bytesMax;

    public void Add(int bytes) => Bytes += bytes;

    public void Remove(int bytes) => Bytes -= bytes;
}
