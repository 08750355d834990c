namespace DeviceMqtt.Protocol;

/// <summary>
/// The Variable Byte Integer (5.0, 1.5.5; the Remaining Length of 3.1.1, 2.2.3): seven bits a byte, least significant first, the top bit
/// says that another byte follows, at most four bytes.
/// </summary>
public static class VariableByteInteger
{
    /// <summary>268,435,455: four bytes of seven bits.</summary>
    public const int Max = 0x0FFF_FFFF;

    /// <summary>The most bytes one can have.</summary>
    public const int BytesMax = 4;

    /// <summary>The number of bytes of the shortest form, 1 to 4. <paramref name="value"/> is at most <see cref="Max"/>.</summary>
    public static int GetLength(int value) => value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;

    /// <summary>
    /// Reads from the start of <paramref name="source"/>. <see cref="DecodeStatus.NeedMore"/> when it ends inside the integer,
    /// <see cref="DecodeStatus.Malformed"/> when a fourth byte still says that another follows.
    /// </summary>
    public static DecodeStatus TryRead(ReadOnlySpan<byte> source, out int value, out int length)
    {
        value = 0;
        for (length = 0; length < BytesMax; length++)
        {
            if (length == source.Length)
                return DecodeStatus.NeedMore;
            byte next = source[length];
            value |= (next & 0x7F) << (7 * length);
            if (next < 0x80)
            {
                length++;
                return DecodeStatus.Packet;
            }
        }

        return DecodeStatus.Malformed;
    }

    /// <summary>Writes the shortest form and returns its length.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or above <see cref="Max"/>.</exception>
    public static int Write(Span<byte> destination, int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)Max, nameof(value));
        int length = 0;
        while (value >= 0x80)
        {
            destination[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length++] = (byte)value;
        return length;
    }
}
