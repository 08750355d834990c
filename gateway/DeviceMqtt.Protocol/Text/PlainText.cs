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
    private const ulong Ones = 0x0101010101010101;

    // Chosen: most Topic Names and Client Identifiers. Code with vectors is compiled when it is needed first, which is not at a start then.
    private const int ShortBytesMax = 32;

    /// <summary>False means only that the text must be checked by the rules.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text)
    {
        if (text.Length > ShortBytesMax)
            return IsPlainLong(text);
        if (text.Length >= sizeof(ulong))
            return IsPlainShort(text);
        if (text.Length >= sizeof(uint))
        {
            // The first and the last bytes together cover it, whether they overlap or not.
            ulong both = ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(text) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(text[^sizeof(uint)..]);
            return IsPlain(both);
        }

        foreach (byte character in text)
        {
            if (character is 0 or >= 0x80 || (character & WildcardMask) == WildcardBits)
                return false;
        }

        return true;
    }

    private static bool IsPlainShort(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = text;
        for (; rest.Length > sizeof(ulong); rest = rest[sizeof(ulong)..])
            if (!IsPlain(BinaryPrimitives.ReadUInt64LittleEndian(rest)))
                return false;
        return IsPlain(BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]));
    }

    // Eight at once. A byte is zero where taking one from it sets its top bit, which was not set; what a borrow sets wrongly stands above one that is.
    private static bool IsPlain(ulong characters)
    {
        ulong wildcards = (characters & (Ones * WildcardMask)) ^ (Ones * WildcardBits);
        ulong bad = ((characters - Ones) & ~characters) | ((wildcards - Ones) & ~wildcards) | characters;
        return (bad & (Ones * 0x80)) == 0;
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
