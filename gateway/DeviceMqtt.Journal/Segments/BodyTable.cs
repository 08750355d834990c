using System.Numerics;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal;

/// <summary>
/// The live Bodies by their positions. There may be many millions, and more come in the middle of everything: so they are values in arrays that the collector leaves alone
/// (<see cref="ValueRuns{T}"/>), and nothing is copied as a whole as it grows, as a <see cref="Dictionary{TKey, TValue}"/> of them would be.
/// </summary>
internal sealed class BodyTable
{
    // So many positions are one piece. Chosen: as many as one word has bits; one Body that outlives all around it costs some hundred and fifty bytes.
    public const int PieceBits = 6;
    private const int PieceMask = (1 << PieceBits) - 1;

    private readonly PieceTable _pieces = new();
    private readonly BodyRuns _runs = new();

    // Bodies come in the order of their positions, and mostly go in it.
    private int _newest;
    private long _newestNumber = -1;
    private int _found;
    private long _foundNumber = -1;

    // What Bodies lie in, by its number, and how many; 0 is none.
    private (IBodyPlace? Place, int Bodies)[] _places = new (IBodyPlace?, int)[16];
    private readonly Stack<int> _free = new();
    private int _placesUsed = 1;

    /// <summary>Positions of all of them, in no order. Those that it has given may be removed meanwhile; none may come.</summary>
    public IEnumerable<long> Positions
    {
        get
        {
            foreach (int piece in _pieces.All)
            {
                (long number, ulong live) = (_pieces[piece].Number, _pieces[piece].Live);
                for (; live != 0; live &= live - 1)
                    yield return (number << PieceBits) + BitOperations.TrailingZeroCount(live);
            }
        }
    }

    /// <summary>The Body of a position, until the table is changed; a null reference when there is none.</summary>
    public ref BodyLocation Find(long position)
    {
        int piece = FindPiece(position >> PieceBits);
        return ref piece == 0 ? ref Unsafe.NullRef<BodyLocation>() : ref _runs.Find(_pieces[piece], (int)position & PieceMask);
    }

    /// <summary>The frame or segment that a Body lies in.</summary>
    public IBodyPlace PlaceOf(in BodyLocation body) => _places[body.Place].Place!;

    /// <summary>A Body lies there from now on, wherever it lay before.</summary>
    public void Set(long position, IBodyPlace place, int offset, int length, uint crc, int holders)
    {
        ref BodyPiece piece = ref _pieces[PieceFor(position >> PieceBits)];
        int index = (int)position & PieceMask;
        ref BodyLocation before = ref _runs.Find(piece, index);
        if (!Unsafe.IsNullRef(ref before))
            Leave(before.Place);
        _runs.Add(ref piece, index) = new BodyLocation { Place = Enter(place), Offset = offset, Length = length, Crc = crc, Holders = holders };
    }

    /// <summary>What it lies in has become part of something else, in which it begins so many bytes further.</summary>
    public void Move(ref BodyLocation body, IBodyPlace place, int by)
    {
        int before = body.Place;
        body.Place = Enter(place);
        body.Offset += by;
        Leave(before);
    }

    /// <returns>False when it was not there.</returns>
    public bool Remove(long position)
    {
        long number = position >> PieceBits;
        int place = FindPiece(number);
        if (place == 0)
            return false;
        ref BodyPiece piece = ref _pieces[place];
        ref BodyLocation body = ref _runs.Find(piece, (int)position & PieceMask);
        if (Unsafe.IsNullRef(ref body))
            return false;
        Leave(body.Place);
        _runs.Remove(ref piece, (int)position & PieceMask, stays: number != _newestNumber);
        if (piece.Live != 0)
            return true;
        _runs.End(piece);
        _pieces.Remove(place);
        (_found, _foundNumber) = (0, -1);
        if (number == _newestNumber)
            (_newest, _newestNumber) = (0, -1);
        return true;
    }

    private int Enter(IBodyPlace place)
    {
        int number = place.PlaceNumber;
        if (number == 0)
        {
            if (!_free.TryPop(out number))
                number = _placesUsed++;
            if (number == _places.Length)
                Array.Resize(ref _places, number * 2);
            _places[number].Place = place;
            place.PlaceNumber = number;
        }

        _places[number].Bodies++;
        return number;
    }

    private void Leave(int number)
    {
        ref (IBodyPlace? Place, int Bodies) place = ref _places[number];
        if (--place.Bodies > 0)
            return;
        place.Place!.PlaceNumber = 0;
        place.Place = null;
        _free.Push(number);
    }

    private int FindPiece(long number)
    {
        if (number == _foundNumber)
            return _found;
        if (number == _newestNumber)
            return _newest;
        int piece = _pieces.Find(number);
        if (piece != 0)
            (_found, _foundNumber) = (piece, number);
        return piece;
    }

    private int PieceFor(long number)
    {
        if (number == _newestNumber)
            return _newest;
        if (_newest != 0)
            _runs.Fit(ref _pieces[_newest]);
        int piece = _pieces.Find(number);
        if (piece == 0)
            piece = _pieces.Add(_runs.Begin(number, 1 << PieceBits));
        (_newest, _newestNumber) = (piece, number);
        return piece;
    }
}
