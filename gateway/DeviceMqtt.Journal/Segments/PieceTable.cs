using System.Numerics;

namespace DeviceMqtt.Journal;

/// <summary>
/// Pieces by their numbers: a linear hash table, which grows and shrinks by one bucket at a time. There may be millions, and a <see cref="Dictionary{TKey, TValue}"/> copies all that it has when it
/// has no room: 150 ms for 3,000,000, in the middle of everything, and its arrays are pieces of dozens of megabytes, for which the collector makes room while everything stands still. A piece in it is known by its place,
/// which is above 0, as long as it is there.
/// </summary>
internal sealed class PieceTable
{
    // Buckets come in arrays of this size: some kilobytes, which are never copied.
    private const int SliceBits = 9;
    private const int SliceLength = 1 << SliceBits;
    private const int SliceMask = SliceLength - 1;

    /// <summary>Buckets of one that is empty.</summary>
    public const int BucketsMin = SliceLength;

    private readonly List<int[]> _slices = [new int[SliceLength]];

    // A place is one more than the number of the run.
    private readonly ValueRuns<BodyPiece> _pieces = new(1);

    // Buckets that there are; those below the next smaller power of two that have been split have a second half behind it.
    private int _buckets = BucketsMin;
    private int _count;
    private int _walks;

    /// <summary>Places for the beginnings of its chains.</summary>
    public int Buckets => _buckets;

    /// <summary>Arrays that the pieces lie in.</summary>
    public int Chunks => _pieces.Chunks;

    /// <summary>The places of all of them, in no order. Those that were given may be removed meanwhile; none may come.</summary>
    public IEnumerable<int> All
    {
        get
        {
            _walks++;
            try
            {
                for (int i = 0; i < _buckets; i++)
                {
                    int next;
                    for (int place = Bucket(i); place != 0; place = next)
                    {
                        next = this[place].Next; // it may be gone behind this
                        yield return place;
                    }
                }
            }
            finally
            {
                _walks--;
            }
        }
    }

    /// <summary>The piece at a place, until it is removed.</summary>
    public ref BodyPiece this[int place] => ref _pieces.First(place - 1);

    /// <returns>Its place; 0 when there is none.</returns>
    public int Find(long number)
    {
        int place = Bucket(IndexOf(number));
        while (place != 0 && this[place].Number != number)
            place = this[place].Next;
        return place;
    }

    /// <summary>Adds one whose number is not there yet.</summary>
    /// <returns>Its place.</returns>
    public int Add(in BodyPiece piece)
    {
        int place = _pieces.Take() + 1;
        this[place] = piece;
        Link(place);
        _count++;
        if (_count > _buckets)
            Split();
        return place;
    }

    public void Remove(int place)
    {
        ref int link = ref Bucket(IndexOf(this[place].Number));
        while (link != place)
            link = ref this[link].Next;
        link = this[place].Next;
        _pieces.Give(place - 1);
        _count--;
        if (_walks == 0)
            MergeSome();
    }

    private ref int Bucket(int index) => ref _slices[index >> SliceBits][index & SliceMask];

    private int IndexOf(long number)
    {
        // Numbers come one after the other: the product spreads them (Knuth, volume 3, section 6.4).
        uint hash = (uint)((ulong)number * 0x9E3779B97F4A7C15 >> 33);
        uint half = HalfOf(_buckets);
        uint index = hash & (2 * half - 1);
        return (int)(index < _buckets ? index : index - half);
    }

    private static uint HalfOf(int buckets) => (uint)BitOperations.RoundUpToPowerOf2((uint)buckets) / 2;

    private void Link(int place)
    {
        ref int first = ref Bucket(IndexOf(this[place].Number));
        this[place].Next = first;
        first = place;
    }

    // One bucket becomes two: the one that is next in its turn, whichever was filled.
    private void Split()
    {
        if ((_buckets & SliceMask) == 0)
            _slices.Add(new int[SliceLength]);
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
            int places = TakeAll(_buckets - 1);
            _buckets--;
            Relink(places);
            if ((_buckets & SliceMask) == 0)
                _slices.RemoveAt(_slices.Count - 1);
        }
    }

    private int TakeAll(int index)
    {
        ref int first = ref Bucket(index);
        int places = first;
        first = 0;
        return places;
    }

    private void Relink(int places)
    {
        while (places != 0)
        {
            int place = places;
            places = this[place].Next;
            Link(place);
        }
    }
}
