using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;

namespace DeviceMqtt.Broker.Defaults;

/// <summary>Messages that wait in memory, oldest first.</summary>
internal sealed class MemoryWaitingList : IWaitingList
{
    private readonly Queue<QueuedMessage> _waiting = new();

    public int Count => _waiting.Count;

    public void Enqueue(in QueuedMessage queued) => _waiting.Enqueue(queued);

    public bool TryDequeue(out QueuedMessage oldest) => _waiting.TryDequeue(out oldest);

    public bool TryPeek(out QueuedMessage oldest) => _waiting.TryPeek(out oldest);

    public IEnumerable<QueuedMessage> InOrder() => _waiting;
}
