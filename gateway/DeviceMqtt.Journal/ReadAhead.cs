namespace DeviceMqtt.Journal;

/// <summary>
/// What a reader of Bodies has read of a segment beyond what it asked for. While it reads them in the order in which they were appended, each read of the disk
/// is twice as long as the one before, to <see cref="BytesMax"/>; who reads here and there reads no byte more than it asks for. For one thread at a time.
/// </summary>
public sealed class ReadAhead
{
    /// <summary>Bytes of one read of the disk, unless a Body is longer.</summary>
    // Chosen: some hundred small messages; a longer one gains nothing that can be measured.
    internal const int BytesMax = 32 * 1024;

    // What lies between two Bodies that follow each other: records of other kinds, and Bodies of others.
    private const int GapMax = 4096;

    private byte[] _bytes = [];
    private Segment? _segment; // of which there is something here; null for a Body of a frame
    private int _from;
    private int _to;

    /// <summary>Why the last read found nothing, where the medium does not give the bytes back; null where it did, or the segment has gone.</summary>
    internal IOException? Failure { get; private set; }

    /// <summary>Bytes of memory that it has.</summary>
    internal int BufferBytes => _bytes.Length;

    /// <summary>What was read is not believed, or not needed any more.</summary>
    internal void Forget() => (_segment, _from, _to) = (null, 0, 0);

    /// <summary>A Body that is not in a segment yet.</summary>
    internal void Copy(ReadOnlySpan<byte> body)
    {
        Forget();
        Room(body.Length);
        body.CopyTo(_bytes);
        _to = body.Length;
    }

    /// <summary>What was copied.</summary>
    internal ReadOnlySpan<byte> Copied => _bytes.AsSpan(0, _to);

    /// <param name="segment">Where it lies.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="end">What lies before this in the segment does not change any more.</param>
    /// <param name="body">What was read.</param>
    /// <returns>False when the segment has gone, is shorter, or the medium does not give the bytes back (<see cref="Failure"/>).</returns>
    internal bool TryRead(Segment segment, int offset, int length, long end, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (segment != _segment || offset < _from || offset + length > _to)
        {
            bool isNext = segment == _segment && offset >= _from && offset <= _to + GapMax;
            int wanted = isNext ? Math.Min(Math.Max(2 * (_to - _from), length), BytesMax) : length;
            if (!TryFill(segment, offset, length, (int)Math.Max(length, Math.Min(wanted, end - offset))) || _to - _from < length)
                return false;
        }

        body = _bytes.AsSpan(offset - _from, length);
        return true;
    }

    private bool TryFill(Segment segment, int offset, int length, int bytes)
    {
        Forget();
        Room(bytes);
        Failure = null;
        try
        {
            (_from, _to) = (offset, offset + segment.File.Read(offset, _bytes.AsSpan(0, bytes)));
            _segment = segment;
            return true;
        }
        catch (IOException) when (bytes > length)
        {
            return TryFill(segment, offset, length, length); // what cannot be read may be another's
        }
        catch (IOException exception)
        {
            Failure = exception;
            return false;
        }
        catch (ObjectDisposedException)
        {
            return false; // the segment has gone: the Body is elsewhere, or released
        }
    }

    private void Room(int bytes)
    {
        // One that was longer than most does not stay.
        if (_bytes.Length < bytes || (_bytes.Length > BytesMax && bytes <= BytesMax))
            _bytes = new byte[Math.Max(bytes, Math.Min(BytesMax, 2 * _bytes.Length))];
    }
}
