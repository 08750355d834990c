namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// What arrived, in order of arrival, from one source: lines of a process, messages of a subscriber, packets of a socket.
/// A test waits here for an event; when it does not come, the failure says what came instead.
/// </summary>
internal sealed class EventLog<T>(string source)
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];
    private readonly List<Waiter> _waiters = [];
    private string? _ended;

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _items];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    public void Add(T item)
    {
        lock (_lock)
        {
            _items.Add(item);
            foreach (Waiter waiter in _waiters)
            {
                waiter.Offer(_items);
            }

            _waiters.RemoveAll(waiter => waiter.Found.Task.IsCompleted);
        }
    }

    /// <summary>Nothing more will come: those who still wait fail now instead of at their timeout.</summary>
    public void End(string reason)
    {
        lock (_lock)
        {
            _ended ??= reason;
            foreach (Waiter waiter in _waiters)
            {
                waiter.Found.TrySetException(Failure(waiter.Wanted, reason));
            }

            _waiters.Clear();
        }
    }

    /// <summary>The first item at or behind <paramref name="from"/> for which <paramref name="match"/> holds.</summary>
    public async Task<T> WaitFor(Func<T, bool> match, string wanted, int from = 0, TimeSpan? patience = null)
    {
        int next = from;
        int index = await Wait(
            items =>
            {
                for (; next < items.Count; next++)
                {
                    if (match(items[next]))
                        return next;
                }

                return null; // the next offer goes on from here: a log may have 100,000 items
            },
            wanted,
            patience);
        lock (_lock)
        {
            return _items[index];
        }
    }

    /// <summary>The first <paramref name="count"/> items, once there are that many.</summary>
    public async Task<IReadOnlyList<T>> WaitForCount(int count, TimeSpan? patience = null)
    {
        await Wait(items => items.Count >= count ? count : null, $"{count} items", patience);
        lock (_lock)
        {
            return _items.GetRange(0, count);
        }
    }

    private async Task<int> Wait(Func<List<T>, int?> find, string wanted, TimeSpan? patience)
    {
        Waiter waiter = new(find, wanted);
        lock (_lock)
        {
            waiter.Offer(_items);
            if (!waiter.Found.Task.IsCompleted)
            {
                if (_ended is not null)
                {
                    throw Failure(wanted, _ended);
                }

                _waiters.Add(waiter);
            }
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(patience ?? Patience.Default);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
                throw Failure(wanted, $"not within {(patience ?? Patience.Default).TotalSeconds:F0} s");
            }
        }
    }

    private AssertFailedException Failure(string wanted, string reason)
    {
        const int ShownMax = 40;
        IEnumerable<T> shown = _items.Skip(Math.Max(0, _items.Count - ShownMax));
        return new AssertFailedException(
            $"{source}: waited for {wanted}: {reason}. Seen ({_items.Count}):{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", shown)}");
    }

    private sealed record Waiter(Func<List<T>, int?> Find, string Wanted)
    {
        public TaskCompletionSource<int> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Offer(List<T> items)
        {
            if (Find(items) is int index)
            {
                Found.TrySetResult(index);
            }
        }
    }
}
