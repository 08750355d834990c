namespace System;

/// <summary>nanoFramework's view of a part of a byte array; the real one is in its mscorlib.</summary>
public readonly struct SpanByte
{
    private readonly byte[] _array;
    private readonly int _start;

    /// <summary>The whole of an array.</summary>
    public SpanByte(byte[] array)
    {
        _array = array;
        _start = 0;
        Length = array.Length;
    }

    /// <summary>How many bytes there are.</summary>
    public int Length { get; }

    /// <summary>The whole of an array.</summary>
    public static implicit operator SpanByte(byte[] array) => new(array);

    /// <summary>A copy.</summary>
    public byte[] ToArray() => _array is null ? [] : _array.AsSpan(_start, Length).ToArray();

    /// <summary>The same bytes as .NET has them.</summary>
    internal Span<byte> AsSpan() => _array.AsSpan(_start, Length);
}
