using System.Numerics;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal;

/// <summary>Where the Bodies of the pieces lie: each piece has a run as long as it needs, and a shorter one when half of it is not needed any more.</summary>
internal sealed class BodyRuns
{
    // A quarter of a run is not used at most, and a third of a short one.
    private static ReadOnlySpan<byte> Lengths => [4, 6, 8, 12, 16, 24, 32, 48, 64];

    private readonly ValueRuns<BodyLocation>[] _sizes = MakeSizes();

    /// <summary>Arrays that there are.</summary>
    public int Chunks => _sizes.Sum(static size => size.Chunks);

    /// <summary>A piece that has nothing yet, with room for so many.</summary>
    public BodyPiece Begin(long number, int bodies)
    {
        int size = SizeFor(bodies);
        return new BodyPiece { Number = number, Size = (byte)size, Run = _sizes[size].Take() };
    }

    /// <summary>It has nothing any more.</summary>
    public void End(in BodyPiece piece) => _sizes[piece.Size].Give(piece.Run);

    /// <summary>The Body at a place of the piece, until the piece is changed; a null reference when there is none.</summary>
    public ref BodyLocation Find(in BodyPiece piece, int index)
    {
        ulong bit = 1UL << index;
        return ref (piece.Live & bit) == 0 ? ref Unsafe.NullRef<BodyLocation>() : ref Unsafe.Add(ref _sizes[piece.Size].First(piece.Run), PlaceOf(piece, bit));
    }

    /// <summary>The place of a Body that there is from now on: whoever asks fills it.</summary>
    public ref BodyLocation Add(ref BodyPiece piece, int index)
    {
        ulong bit = 1UL << index;
        if ((piece.Placed & bit) == 0)
        {
            if (BitOperations.PopCount(piece.Placed) == Lengths[piece.Size])
                Move(ref piece, SizeFor(BitOperations.PopCount(piece.Live) + 1));
            Span<BodyLocation> bodies = _sizes[piece.Size][piece.Run];
            int behind = PlaceOf(piece, bit);
            bodies[behind..BitOperations.PopCount(piece.Placed)].CopyTo(bodies[(behind + 1)..]);
            piece.Placed |= bit;
        }

        piece.Live |= bit;
        return ref _sizes[piece.Size][piece.Run][PlaceOf(piece, bit)];
    }

    /// <param name="piece">Of the Body.</param>
    /// <param name="index">The Body's place in it.</param>
    /// <param name="stays">It may have a shorter run: none are about to come.</param>
    public void Remove(ref BodyPiece piece, int index, bool stays)
    {
        piece.Live &= ~(1UL << index);
        int live = BitOperations.PopCount(piece.Live);
        if (stays && piece.Size > 0 && live > 0 && live <= Lengths[piece.Size] / 2)
            Shrink(ref piece);
    }

    /// <summary>Gives back the spare room: few come to this piece from now on.</summary>
    public void Fit(ref BodyPiece piece) => Shrink(ref piece);

    private void Shrink(ref BodyPiece piece)
    {
        int size = SizeFor(BitOperations.PopCount(piece.Live));
        if (size < piece.Size)
            Move(ref piece, size);
    }

    // What was removed is left behind.
    private void Move(ref BodyPiece piece, int size)
    {
        int run = _sizes[size].Take();
        Span<BodyLocation> from = _sizes[piece.Size][piece.Run];
        Span<BodyLocation> to = _sizes[size][run];
        int at = 0;
        for (ulong live = piece.Live; live != 0; live &= live - 1)
            to[at++] = from[PlaceOf(piece, live & ~(live - 1))];
        _sizes[piece.Size].Give(piece.Run);
        (piece.Placed, piece.Size, piece.Run) = (piece.Live, (byte)size, run);
    }

    private static int PlaceOf(in BodyPiece piece, ulong bit) => BitOperations.PopCount(piece.Placed & (bit - 1));

    private static int SizeFor(int bodies)
    {
        int size = 0;
        while (Lengths[size] < bodies)
            size++;
        return size;
    }

    private static ValueRuns<BodyLocation>[] MakeSizes()
    {
        ValueRuns<BodyLocation>[] sizes = new ValueRuns<BodyLocation>[Lengths.Length];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = new ValueRuns<BodyLocation>(Lengths[i]);
        return sizes;
    }
}
