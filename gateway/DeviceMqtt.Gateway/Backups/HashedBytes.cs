using System.Security.Cryptography;

namespace DeviceMqtt.Gateway.Backups;

/// <summary>The first bytes of a stream, as a stream of its own that hashes what is read of it.</summary>
/// <param name="inner">Where they come from; not disposed of.</param>
/// <param name="length">How many.</param>
internal sealed class HashedBytes(Stream inner, long length) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => true;

    // A tar entry wants to know the length before; nobody seeks.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set
        {
            if (value != _position)
                throw new NotSupportedException("it is read once, from its beginning to its end");
        }
    }

    /// <summary>Of what was read, in hexadecimal digits.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0)
            return 0;
        int read = inner.Read(buffer[..wanted]);
        if (read == 0)
            throw new EndOfStreamException($"it ends after {_position} of {length} bytes");
        _hash.AppendData(buffer[..read]);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("it is read once, from its beginning to its end");

    public override void SetLength(long value) => throw new NotSupportedException("it is for reading");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("it is for reading");

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }
}
