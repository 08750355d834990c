using System.Numerics;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal;

/// <summary>
/// The live Bodies by their positions. There may be many millions, and more come in the middle of everything: so they are values in small
/// arrays, of which the collector sees one for some dozens of Bodies, and nothing is copied as a whole as it grows, as a <see cref="Dictionary{TKey, TValue}"/> of them would be.
/// </summary>
internal sealed class BodyTable
{
    // So many positions are one piece. Chosen: as many as one word has bits; one Body that outlives all around it costs some two hundred bytes.
    public const int PieceBits = 6;
    private const int PieceMask = (1 << PieceBits) - 1;

    private readonly PieceTable _pieces = new();

    // Bodies come in the order of their positions, and mostly go in it.
    private BodyPiece? _newest;
    private long _newestNumber = -1;
    private BodyPiece? _found;
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
            foreach (BodyPiece piece in _pieces.All)
                for (ulong live = piece.Live; live != 0; live &= live - 1)
                    yield return (piece.Number << PieceBits) + BitOperations.TrailingZeroCount(live);
        }
    }

    /// <summary>The Body of a position, until the table is changed; a null reference when there is none.</summary>
    public ref BodyLocation Find(long position)
    {
        BodyPiece? piece = FindPiece(position >> PieceBits);
        return ref piece is null ? ref Unsafe.NullRef<BodyLocation>() : ref piece.Find((int)position & PieceMask);
    }

    /// <summary>The frame or segment that a Body lies in.</summary>
    public IBodyPlace PlaceOf(in BodyLocation body) => _places[body.Place].Place!;

    /// <summary>A Body lies there from now on, wherever it lay before.</summary>
    public void Set(long position, IBodyPlace place, int offset, int length, uint crc, int holders)
    {
        BodyPiece piece = PieceFor(position >> PieceBits);
        int index = (int)position & PieceMask;
        ref BodyLocation before = ref piece.Find(index);
        if (!Unsafe.IsNullRef(ref before))
            Leave(before.Place);
        piece.Add(index) = new BodyLocation { Place = Enter(place), Offset = offset, Length = length, Crc = crc, Holders = holders };
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
        if (FindPiece(number) is not { } piece)
            return false;
        ref BodyLocation body = ref piece.Find((int)position & PieceMask);
        if (Unsafe.IsNullRef(ref body))
            return false;
        Leave(body.Place);
        piece.Remove((int)position & PieceMask);
        if (piece.Live != 0)
            return true;
        _pieces.Remove(piece);
        (_found, _foundNumber) = (null, -1);
        if (number == _newestNumber)
            (_newest, _newestNumber) = (null, -1);
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

    private BodyPiece? FindPiece(long number)
    {
        if (number == _foundNumber)
            return _found;
        if (number == _newestNumber)
            return _newest;
        if (_pieces.Find(number) is not { } piece)
            return null;
        (_found, _foundNumber) = (piece, number);
        return piece;
    }

    private BodyPiece PieceFor(long number)
    {
        if (number == _newestNumber)
            return _newest!;
        BodyPiece piece = _pieces.FindOrAdd(number);
        _newest?.Fit();
        (_newest, _newestNumber) = (piece, number);
        return piece;
    }
}
