namespace DeviceMqtt.Journal;

/// <summary>
/// CRC-32C of any stretch of some bytes, which takes about a microsecond however long the stretch is. For a checksum is linear: that of a stretch
/// is made of those of what lies before its two ends, the first of them multiplied by a power of x.
/// </summary>
internal sealed class StretchChecksums
{
    // So far apart are places whose checksum is kept. Chosen: four bytes for each, and as many are read for one stretch at most.
    private const int Step = 512;

    private const uint Polynomial = 0x82F63B78; // Castagnoli's, the lowest bit is that of the highest power
    private const uint One = 1U << 31;
    private const long Order = int.MaxValue; // x to this power is 1

    // x to the powers 1, 2, 4, 8 ...
    private static readonly uint[] Squares = MakeSquares();

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly uint[] _before;

    public StretchChecksums(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        _before = new uint[(bytes.Length / Step) + 1];
        for (int i = 1; i < _before.Length; i++)
            _before[i] = Continue(_before[i - 1], bytes.Span.Slice((i - 1) * Step, Step));
    }

    /// <summary>As <see cref="Crc32C.Compute"/> of the bytes from one place to before another.</summary>
    public uint Compute(uint seed, int from, int to) => ~(Before(to) ^ Multiply(PowerOf(8L * (to - from)), Before(from) ^ ~seed));

    /// <summary>As <see cref="Crc32C.SeedOf"/> of them.</summary>
    public uint SeedOf(uint checksum, int from, int to) => ~(Before(from) ^ Multiply(PowerOf(Order - (8L * (to - from) % Order)), Before(to) ^ ~checksum));

    // Of all that lies before a place, from 0 on and without the two inversions.
    private uint Before(int place) => Continue(_before[place / Step], _bytes.Span[(place / Step * Step)..place]);

    private static uint Continue(uint crc, ReadOnlySpan<byte> bytes) => ~Crc32C.Compute(~crc, bytes);

    private static uint PowerOf(long exponent)
    {
        uint power = One;
        for (int i = 0; exponent > 0; i++, exponent >>= 1)
            if ((exponent & 1) != 0)
                power = Multiply(Squares[i], power);
        return power;
    }

    private static uint Multiply(uint one, uint other)
    {
        uint product = 0;
        for (; one != 0; one <<= 1)
        {
            if ((one & One) != 0)
                product ^= other;
            other = (other >> 1) ^ ((other & 1) * Polynomial);
        }

        return product;
    }

    private static uint[] MakeSquares()
    {
        uint[] squares = new uint[40];
        squares[0] = One >> 1;
        for (int i = 1; i < squares.Length; i++)
            squares[i] = Multiply(squares[i - 1], squares[i - 1]);
        return squares;
    }
}
