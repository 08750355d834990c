using System.Numerics;

namespace DeviceMqtt.Journal;

/// <summary>
/// Pieces by their numbers: a linear hash table, which grows and shrinks by one bucket at a time. There may be millions, and a <see cref="Dictionary{TKey, TValue}"/> copies all that it has when it
/// has no room: 150 ms for 3,000,000, in the middle of everything, and its arrays are pieces of dozens of megabytes, for which the collector makes room while everything stands still.
/// </summary>
internal sealed class PieceTable
{
    // Buckets come in arrays of this size: some kilobytes, which are never copied.
    private const int SliceBits = 9;
    private const int SliceLength = 1 << SliceBits;
    private const int SliceMask = SliceLength - 1;

    /// <summary>Buckets of one that is empty.</summary>
    public const int BucketsMin = SliceLength;

    private readonly List<BodyPiece?[]> _slices = [new BodyPiece?[SliceLength]];

    // Buckets that there are; those below the next smaller power of two that have been split have a second half behind it.
    private int _buckets = BucketsMin;
    private int _count;
    private int _walks;

    /// <summary>Places for the beginnings of its chains.</summary>
    public int Buckets => _buckets;

    /// <summary>All of them, in no order. Those that were given may be removed meanwhile; none may come.</summary>
    public IEnumerable<BodyPiece> All
    {
        get
        {
            _walks++;
            try
            {
                for (int i = 0; i < _buckets; i++)
                    for (BodyPiece? piece = Bucket(i); piece is not null; piece = piece.Next)
                        yield return piece;
            }
            finally
            {
                _walks--;
            }
        }
    }

    public BodyPiece? Find(long number)
    {
        BodyPiece? piece = Bucket(IndexOf(number));
        while (piece is not null && piece.Number != number)
            piece = piece.Next;
        return piece;
    }

    public BodyPiece FindOrAdd(long number)
    {
        if (Find(number) is { } found)
            return found;
        BodyPiece piece = new(number);
        Link(piece);
        _count++;
        if (_count > _buckets)
            Split();
        return piece;
    }

    public void Remove(BodyPiece piece)
    {
        ref BodyPiece? first = ref Bucket(IndexOf(piece.Number));
        // Its own link stays: who walks through all of them may stand on it.
        if (first == piece)
            first = piece.Next;
        else
            Before(first!, piece).Next = piece.Next;
        _count--;
        if (_walks == 0)
            MergeSome();
    }

    private static BodyPiece Before(BodyPiece first, BodyPiece piece)
    {
        BodyPiece before = first;
        while (before.Next != piece)
            before = before.Next!;
        return before;
    }

    private ref BodyPiece? Bucket(int index) => ref _slices[index >> SliceBits][index & SliceMask];

    private int IndexOf(long number)
    {
        // Numbers come one after the other: the product spreads them (Knuth, volume 3, section 6.4).
        uint hash = (uint)((ulong)number * 0x9E3779B97F4A7C15 >> 33);
        uint half = HalfOf(_buckets);
        uint index = hash & (2 * half - 1);
        return (int)(index < _buckets ? index : index - half);
    }

    private static uint HalfOf(int buckets) => (uint)BitOperations.RoundUpToPowerOf2((uint)buckets) / 2;

    private void Link(BodyPiece piece)
    {
        ref BodyPiece? first = ref Bucket(IndexOf(piece.Number));
        piece.Next = first;
        first = piece;
    }

    // One bucket becomes two: the one that is next in its turn, whichever was filled.
    private void Split()
    {
        if ((_buckets & SliceMask) == 0)
            _slices.Add(new BodyPiece?[SliceLength]);
        _buckets++;
        Relink(TakeAll((int)(_buckets - 1 - HalfOf(_buckets))));
    }

    // Two for each that goes: so it is never less than half full for long.
    private void MergeSome()
    {
        if (_buckets <= BucketsMin || _count > _buckets / 2)
            return;
        for (int i = 0; i < 2 && _buckets > BucketsMin; i++)
        {
            BodyPiece? pieces = TakeAll(_buckets - 1);
            _buckets--;
            Relink(pieces);
            if ((_buckets & SliceMask) == 0)
                _slices.RemoveAt(_slices.Count - 1);
        }
    }

    private BodyPiece? TakeAll(int index)
    {
        ref BodyPiece? first = ref Bucket(index);
        BodyPiece? pieces = first;
        first = null;
        return pieces;
    }

    private void Relink(BodyPiece? pieces)
    {
        while (pieces is { } piece)
        {
            pieces = piece.Next;
            Link(piece);
        }
    }
}
