using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;

namespace DeviceMqtt.Custody.Keeping;

/// <summary>
/// Messages that wait, oldest first. Those that <see cref="Spill"/> has no memory for are in pages of references behind the
/// ones in memory, and come back page by page. Owned by the turn.
/// </summary>
internal sealed class PagedWaitingList(Spill spill) : IWaitingList
{
    // What comes next, then the pages, then what came when there was memory again, and so on: order is kept by never
    // adding to a part that has one behind it.
    private readonly Queue<QueuedMessage> _first = new();
    private Queue<Part>? _parts;
    private Part? _last;

    private readonly record struct Part(ReferencePage? Page, Queue<QueuedMessage>? InMemory);

    public int Count { get; private set; }

    /// <summary>In the form in which it is to wait.</summary>
    public void Enqueue(in QueuedMessage queued)
    {
        QueuedMessage waiting = spill.Put(queued);
        Count++;
        if (waiting.Message.IsReference)
            PageForOneMore().Add(waiting, spill.Scratch);
        else if (_last is null)
            _first.Enqueue(waiting);
        else
            MemoryBehindPages().Enqueue(waiting);
    }

    /// <summary>The oldest, perhaps as a reference: <see cref="CustodyRules.TryTake"/> makes it whole.</summary>
    public bool TryDequeue(out QueuedMessage oldest)
    {
        if (!TryPeek(out oldest))
            return false;
        _ = _first.Dequeue();
        Count--;
        return true;
    }

    public bool TryPeek(out QueuedMessage oldest)
    {
        if (_first.Count == 0 && _parts is not null)
            Fill();
        return _first.TryPeek(out oldest);
    }

    /// <summary>What waits, oldest first.</summary>
    public IEnumerable<QueuedMessage> InOrder()
    {
        foreach (QueuedMessage queued in _first)
            yield return queued;
        foreach (Part part in _parts ?? [])
            foreach (QueuedMessage queued in part.InMemory ?? (IEnumerable<QueuedMessage>)part.Page!.Read())
                yield return queued;
    }

    private ReferencePage PageForOneMore()
    {
        if (_last is { Page: { IsFull: false } page })
            return page;
        ReferencePage added = new();
        Add(new Part(added, null));
        return added;
    }

    private Queue<QueuedMessage> MemoryBehindPages()
    {
        if (_last is { InMemory: { } queue })
            return queue;
        Queue<QueuedMessage> added = new();
        Add(new Part(null, added));
        return added;
    }

    private void Add(Part part)
    {
        (_parts ??= new Queue<Part>()).Enqueue(part);
        _last = part;
    }

    private void Fill()
    {
        Part next = _parts!.Dequeue();
        if (_parts.Count == 0)
        {
            _parts = null;
            _last = null;
        }

        foreach (QueuedMessage queued in next.InMemory ?? (IEnumerable<QueuedMessage>)next.Page!.Read())
            _first.Enqueue(queued);
    }
}
