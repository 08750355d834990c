using System.Numerics;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal;

/// <summary>The live Bodies of <see cref="BodyTable.PieceBits"/> positions: values in one small array. It is in a <see cref="PieceTable"/>.</summary>
/// <param name="number">Of the positions, what is left without the last bits.</param>
internal sealed class BodyPiece(long number)
{
    private const int BodiesFirst = 4;

    // Of which positions there is something in the array, which has them in their order. What was removed keeps its place there until the piece goes.
    private ulong _used;
    private BodyLocation[] _bodies = new BodyLocation[BodiesFirst];

    public long Number { get; } = number;

    /// <summary>The next in the same bucket of the table.</summary>
    public BodyPiece? Next { get; set; }

    /// <summary>Which positions have a Body.</summary>
    public ulong Live { get; private set; }

    public ref BodyLocation Find(int index)
    {
        ulong bit = 1UL << index;
        return ref (Live & bit) == 0 ? ref Unsafe.NullRef<BodyLocation>() : ref _bodies[IndexOf(bit)];
    }

    public ref BodyLocation Add(int index)
    {
        ulong bit = 1UL << index;
        int at = IndexOf(bit);
        if ((_used & bit) == 0)
        {
            int count = BitOperations.PopCount(_used);
            if (count == _bodies.Length)
                Array.Resize(ref _bodies, count * 2);
            _bodies.AsSpan(at, count - at).CopyTo(_bodies.AsSpan(at + 1));
            _used |= bit;
        }

        Live |= bit;
        return ref _bodies[at];
    }

    public void Remove(int index) => Live &= ~(1UL << index);

    /// <summary>Gives back the spare room: a newer piece has begun, and few come to this one from now on.</summary>
    public void Fit() => Array.Resize(ref _bodies, BitOperations.PopCount(_used));

    private int IndexOf(ulong bit) => BitOperations.PopCount(_used & (bit - 1));
}
