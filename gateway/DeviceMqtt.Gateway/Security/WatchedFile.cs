namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// A small file of the data folder that others may change while the gateway runs: it is read again when its time or length is another. Safe from
/// any thread.
/// </summary>
/// <param name="path">Where it is, or is to be.</param>
/// <param name="bytesMax">A longer one is not read.</param>
/// <param name="parse">What is in it; throws <see cref="InvalidDataException"/> where it is none of ours. Gets the path for its words.</param>
/// <param name="none">What there is without a file.</param>
/// <param name="unreadable">Told once why a file cannot be read, until the file changes or the reason is another.</param>
/// <param name="time">The clock; that of the system when not given.</param>
internal sealed class WatchedFile<T>(string path, int bytesMax, Func<ReadOnlyMemory<byte>, string, T> parse, Func<T> none, Action<string>? unreadable = null, TimeProvider? time = null)
    where T : class
{
    private static readonly TimeSpan ReadPause = TimeSpan.FromSeconds(1); // chosen: a bad disk may take seconds to say so, and everybody who logs in waits
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private T _value = none();
    private FileInfo? _file; // kept: its path is worked out once, and there is a look with each CONNECT
    private (DateTime Written, long Bytes)? _seen;
    private bool _isKeptFromUs;
    private long? _failedAt; // when it could be opened last, and not read

    public string Path => path;

    /// <summary>Why it could not be read when <see cref="Value"/> was asked for last; null when it could, or is not there.</summary>
    public string? Fault { get; private set; }

    /// <summary>As it is in the file now, the same object while that has not changed; what there is without a file when it cannot be read.</summary>
    public T Value
    {
        get
        {
            lock (_lock)
            {
                _file ??= new FileInfo(path);
                _file.Refresh();
                (DateTime, long) now = _file.Exists ? (_file.LastWriteTimeUtc, _file.Length) : default;
                if (now != _seen)
                {
                    _seen = now;
                    _failedAt = null;
                    ReadOrNone(told: null);
                }
                else if (_isKeptFromUs)
                {
                    TryAgain();
                }

                return _value;
            }
        }
    }

    /// <summary>Reads it, for one who is to change it.</summary>
    /// <exception cref="IOException">It cannot be read; so for the others.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    /// <exception cref="InvalidDataException">It is not one of ours.</exception>
    public T Read()
    {
        // Most folders have no such file. Thrown for the first time in a process, an exception takes 3 ms.
        if (AbsentFile.Is(path))
            return none();
        try
        {
            byte[] bytes = File.ReadAllBytes(path); // not File.Exists: that is false, too, where nobody may look
            return bytes.Length <= bytesMax ? parse(bytes, path) : throw new InvalidDataException($"{path} has {bytes.Length} bytes, more than {bytesMax}");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return none();
        }
    }

    // `told` is why it could not be read before, which is not said again, and changes nothing.
    private void ReadOrNone(string? told)
    {
        try
        {
            _value = Read();
            (Fault, _isKeptFromUs) = (null, false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (told is null)
                _value = none();
            (Fault, _isKeptFromUs) = (exception.Message, exception is not InvalidDataException);
            if (exception.Message != told)
                unreadable?.Invoke(exception.Message);
        }
    }

    // Its mode or its owner was wrong: to put that right changes neither its time nor its length.
    private void TryAgain()
    {
        if (_failedAt is { } failedAt && _time.GetElapsedTime(failedAt) < ReadPause)
            return;
        try
        {
            File.OpenHandle(path).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return; // as before, which was said
        }

        ReadOrNone(told: Fault);
        _failedAt = Fault is null ? null : _time.GetTimestamp();
    }
}
