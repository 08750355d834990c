namespace System;

/// <summary>nanoFramework's view of a part of a byte array; the real one is in its mscorlib.</summary>
public readonly struct SpanByte
{
    private readonly byte[] _array;

    /// <summary>The whole of an array.</summary>
    public SpanByte(byte[] array)
    {
        _array = array;
        Length = array.Length;
    }

    /// <summary>How many bytes there are.</summary>
    public int Length { get; }

    /// <summary>The whole of an array.</summary>
    public static implicit operator SpanByte(byte[] array) => new(array);

    /// <summary>The array it is a view of.</summary>
    internal byte[] Array => _array ?? [];
}
