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
    // adding to a part that has one behind it. Parts are small, so that one is copied in a moment.
    private Queue<QueuedMessage> _first = new();
    private Part? _next;
    private Part? _last;
    private long _added;

    // Of the oldest that waits. It counts on, so that whoever goes through the list knows what has left.
    private long Oldest => _added - Count;

    private sealed class Part(long start, ReferencePage? page, Queue<QueuedMessage>? inMemory)
    {
        public readonly long Start = start;
        public readonly ReferencePage? Page = page;
        public readonly Queue<QueuedMessage>? InMemory = inMemory;
        public Part? Behind;

        public IEnumerable<QueuedMessage> Read() => InMemory ?? (IEnumerable<QueuedMessage>)Page!.Read();
    }

    public int Count { get; private set; }

    /// <summary>In the form in which it is to wait.</summary>
    public void Enqueue(in QueuedMessage queued)
    {
        if (!spill.TryKeep(queued))
            PageForOneMore().Add(queued, spill.Scratch);
        else if (_last is null && _first.Count < ReferencePage.ReferencesMax)
            _first.Enqueue(queued);
        else
            MemoryBehind().Enqueue(queued);
        _added++;
        Count++;
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
        if (_first.Count == 0 && _next is not null)
            Fill();
        return _first.TryPeek(out oldest);
    }

    /// <inheritdoc/>
    public IEnumerable<QueuedMessage> InOrder()
    {
        long at = Oldest;
        QueuedMessage[] copy = [.. _first];
        Part? behind = _next;
        while (true)
        {
            foreach (QueuedMessage queued in copy)
                if (at++ >= Oldest)
                    yield return queued;
            if (behind is not { } part)
                yield break;
            // One that has become the first meanwhile has lost what has left.
            at = part.InMemory is null ? part.Start : Math.Max(part.Start, Oldest);
            copy = [.. part.Read()];
            behind = part.Behind;
        }
    }

    private ReferencePage PageForOneMore() =>
        _last is { Page: { IsFull: false } page } ? page : Add(new Part(_added, new ReferencePage(), null)).Page!;

    private Queue<QueuedMessage> MemoryBehind() =>
        _last is { InMemory: { Count: < ReferencePage.ReferencesMax } queue } ? queue : Add(new Part(_added, null, new Queue<QueuedMessage>())).InMemory!;

    private Part Add(Part part)
    {
        if (_last is null)
            _next = part;
        else
            _last.Behind = part;
        return _last = part;
    }

    private void Fill()
    {
        Part next = _next!;
        _next = next.Behind;
        if (_next is null)
            _last = null;
        if (next.InMemory is { } queue)
        {
            _first = queue;
            return;
        }

        next.Page!.Read(_first.Enqueue);
    }
}
