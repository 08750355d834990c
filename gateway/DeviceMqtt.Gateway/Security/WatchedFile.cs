namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// A small file of the data folder that others may change while the gateway runs: it is read again when its time or length is another. Safe from
/// any thread.
/// </summary>
/// <param name="path">Where it is, or is to be.</param>
/// <param name="bytesMax">A longer one is not read.</param>
/// <param name="parse">What is in it; throws <see cref="InvalidDataException"/> where it is none of ours. Gets the path for its words.</param>
/// <param name="none">What there is without a file.</param>
/// <param name="unreadable">Told once why a file cannot be read, until it changes.</param>
internal sealed class WatchedFile<T>(string path, int bytesMax, Func<ReadOnlyMemory<byte>, string, T> parse, Func<T> none, Action<string>? unreadable = null)
    where T : class
{
    private readonly Lock _lock = new();
    private T _value = none();
    private (DateTime Written, long Bytes)? _seen;
    private bool _isKeptFromUs;

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
                FileInfo file = new(path);
                (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
                if (now != _seen)
                {
                    _seen = now;
                    _value = ReadOrNone();
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

    private T ReadOrNone()
    {
        Fault = null;
        _isKeptFromUs = false;
        try
        {
            return Read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Fault = exception.Message;
            _isKeptFromUs = exception is not InvalidDataException;
            unreadable?.Invoke(Fault);
            return none();
        }
    }

    // Its mode or its owner was wrong: to put that right changes neither its time nor its length.
    private void TryAgain()
    {
        try
        {
            File.OpenHandle(path).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return; // as before, which was said
        }

        _value = ReadOrNone();
    }
}
