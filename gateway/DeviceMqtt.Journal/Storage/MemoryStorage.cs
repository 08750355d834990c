namespace DeviceMqtt.Journal;

/// <summary>
/// A folder in memory that behaves like a disk, and fails like one: what is not synced can be lost, in part and in any
/// order, by <see cref="Crash"/>; operations fail when <see cref="Fault"/> says so. For tests, and for a gateway that
/// keeps nothing.
/// </summary>
public sealed class MemoryStorage : IJournalStorage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MemoryFile> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemoryFile> _durableNames = new(StringComparer.Ordinal);
    private readonly List<NameChange> _unsyncedNames = [];
    private bool _isLocked;

    public string Name => "memory";

    /// <summary>Bytes that all files together may have.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Asked before each operation that opens or changes something, with its number and what it is; what it returns is thrown. Opening has the number of the operation before.</summary>
    public Func<int, string, IOException?>? Fault { get; set; }

    /// <summary>Operations until now.</summary>
    public int Operations { get; private set; }

    internal Lock Gate => _lock;

    public IDisposable Lock()
    {
        using (_lock.EnterScope())
        {
            if (_isLocked)
                throw new JournalException(JournalFault.Locked, $"the data folder '{Name}' is in use by process {Environment.ProcessId}");
            _isLocked = true;
        }

        return new Unlock(this);
    }

    public IReadOnlyList<string> List()
    {
        using (_lock.EnterScope())
            return [.. _names.Keys];
    }

    public IJournalFile Open(string name)
    {
        using (_lock.EnterScope())
        {
            if (Fault?.Invoke(Operations, "open") is { } fault)
                throw fault;
            return _names.TryGetValue(name, out MemoryFile? file) ? file : throw new FileNotFoundException($"there is no '{name}'", name);
        }
    }

    public IJournalFile Create(string name, long bytes)
    {
        using (_lock.EnterScope())
        {
            CountOperation("create");
            if (BytesUsed() + bytes > Capacity)
                throw new IOException("No space left on device", NoSpaceLeft);
            MemoryFile file = new(this, bytes);
            ChangeNames(new NameChange(name, null, file));
            return file;
        }
    }

    public void Rename(string name, string newName)
    {
        using (_lock.EnterScope())
        {
            CountOperation("rename");
            ChangeNames(new NameChange(name, newName, null));
        }
    }

    public void Delete(string name)
    {
        using (_lock.EnterScope())
        {
            CountOperation("delete");
            ChangeNames(new NameChange(name, null, null));
        }
    }

    public bool IsInPlace(string name, IJournalFile file)
    {
        using (_lock.EnterScope())
            return _names.TryGetValue(name, out MemoryFile? found) && found == file;
    }

    public void SyncNames()
    {
        using (_lock.EnterScope())
        {
            CountOperation("sync names");
            foreach (NameChange change in _unsyncedNames)
                change.Apply(_durableNames);
            _unsyncedNames.Clear();
        }
    }

    public long FreeBytes()
    {
        using (_lock.EnterScope())
            return Capacity == long.MaxValue ? long.MaxValue : Math.Max(0, Capacity - BytesUsed());
    }

    /// <summary>The power goes: what the disk holds afterwards. Of what was not synced, some is there, some is not, some in part.</summary>
    /// <param name="random">Decides; null for the kindest disk, on which everything was written, as after the kill of a process.</param>
    public MemoryStorage Crash(Random? random = null)
    {
        using (_lock.EnterScope())
        {
            MemoryStorage after = new() { Capacity = Capacity };
            Dictionary<string, MemoryFile> names = new(_durableNames, StringComparer.Ordinal);
            // A folder's changes reach the disk in their order.
            int survivors = random is null ? _unsyncedNames.Count : random.Next(_unsyncedNames.Count + 1);
            foreach (NameChange change in _unsyncedNames.Take(survivors))
                change.Apply(names);
            foreach ((string name, MemoryFile file) in names)
            {
                MemoryFile survivor = file.Crash(after, random);
                after._names.Add(name, survivor);
                after._durableNames.Add(name, survivor);
            }

            return after;
        }
    }

    /// <summary>The process is killed: what the system has of the files, whether the disk has it or not. What was not synced, or counts as written after a sync that failed, goes when the power does.</summary>
    public MemoryStorage Kill()
    {
        using (_lock.EnterScope())
        {
            MemoryStorage after = new() { Capacity = Capacity };
            Dictionary<MemoryFile, MemoryFile> copies = [];
            foreach ((string name, MemoryFile file) in _names)
                after._names.Add(name, CopyOf(file));
            foreach ((string name, MemoryFile file) in _durableNames)
                after._durableNames.Add(name, CopyOf(file));
            foreach (NameChange change in _unsyncedNames)
                after._unsyncedNames.Add(change with { Made = change.Made is { } made ? CopyOf(made) : null });
            return after;

            MemoryFile CopyOf(MemoryFile file) => copies.TryGetValue(file, out MemoryFile? copy) ? copy : copies[file] = file.CopyTo(after);
        }
    }

    /// <summary>Changes bytes of a file as a fault of the medium would.</summary>
    public void Damage(string name, Func<byte[], byte[]> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using (_lock.EnterScope())
            _names[name].Replace(change(_names[name].ToArray()));
    }

    /// <summary>A sector of a file goes bad: a read of any of these bytes fails with EIO, until all of them are written anew.</summary>
    public void Wear(string name, long offset, long bytes)
    {
        using (_lock.EnterScope())
            _names[name].Wear(offset, bytes);
    }

    /// <summary>The bytes of a file.</summary>
    public byte[] Read(string name)
    {
        using (_lock.EnterScope())
            return _names[name].ToArray();
    }

    /// <summary>Takes a file away as a fault of the medium would.</summary>
    public void Lose(string name)
    {
        using (_lock.EnterScope())
        {
            _ = _names.Remove(name);
            _ = _durableNames.Remove(name);
        }
    }

    internal const int NoSpaceLeft = 28;
    internal const int InputOutputError = 5;

    internal void CountOperation(string what)
    {
        Operations++;
        if (Fault?.Invoke(Operations, what) is { } fault)
            throw fault;
    }

    private long BytesUsed() => _names.Values.Sum(f => f.Length);

    private void ChangeNames(NameChange change)
    {
        change.Apply(_names);
        _unsyncedNames.Add(change);
    }

    // A file was made; or has another name; or is gone.
    private readonly record struct NameChange(string Name, string? NewName, MemoryFile? Made)
    {
        public void Apply(Dictionary<string, MemoryFile> names)
        {
            if (Made is not null)
                names[Name] = Made;
            else if (names.Remove(Name, out MemoryFile? file) && NewName is not null)
                names[NewName] = file;
        }
    }

    private sealed class Unlock(MemoryStorage storage) : IDisposable
    {
        public void Dispose()
        {
            using (storage._lock.EnterScope())
                storage._isLocked = false;
        }
    }
}
