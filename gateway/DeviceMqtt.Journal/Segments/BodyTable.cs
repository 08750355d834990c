using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Journal;

/// <summary>
/// The live Bodies by their positions. There may be many millions, and more come in the middle of everything: so it grows by small
/// pieces and is never copied, as a <see cref="Dictionary{TKey, TValue}"/> of them would be.
/// </summary>
internal sealed class BodyTable
{
    // So many positions are one piece. Chosen: half a kilobyte, which is what one Body that outlives all around it costs.
    private const int PieceBits = 6;
    private const int PieceMask = (1 << PieceBits) - 1;

    private readonly Dictionary<long, Piece> _pieces = [];

    // Bodies come in the order of their positions.
    private Piece? _newest;
    private long _newestNumber = -1;

    private sealed class Piece
    {
        public readonly BodyLocation?[] Bodies = new BodyLocation?[PieceMask + 1];
        public int Count;
    }

    /// <summary>Positions of all of them, as they are now; in no order.</summary>
    public List<long> Positions
    {
        get
        {
            List<long> positions = [];
            foreach ((long number, Piece piece) in _pieces)
                for (int i = 0; i <= PieceMask; i++)
                    if (piece.Bodies[i] is not null)
                        positions.Add((number << PieceBits) + i);
            return positions;
        }
    }

    /// <summary>The one of a position, which must be there to be read.</summary>
    public BodyLocation this[long position]
    {
        get => TryGetValue(position, out BodyLocation? body) ? body : throw new KeyNotFoundException($"there is no Body at {position}");
        set
        {
            Piece piece = PieceFor(position >> PieceBits);
            ref BodyLocation? place = ref piece.Bodies[position & PieceMask];
            if (place is null)
                piece.Count++;
            place = value;
        }
    }

    public bool TryGetValue(long position, [NotNullWhen(true)] out BodyLocation? body)
    {
        body = _pieces.TryGetValue(position >> PieceBits, out Piece? piece) ? piece.Bodies[position & PieceMask] : null;
        return body is not null;
    }

    /// <returns>False when it was not there.</returns>
    public bool Remove(long position)
    {
        long number = position >> PieceBits;
        if (!_pieces.TryGetValue(number, out Piece? piece) || piece.Bodies[position & PieceMask] is null)
            return false;
        piece.Bodies[position & PieceMask] = null;
        if (--piece.Count > 0)
            return true;
        _ = _pieces.Remove(number);
        if (number == _newestNumber)
            (_newest, _newestNumber) = (null, -1);
        return true;
    }

    private Piece PieceFor(long number)
    {
        if (number == _newestNumber)
            return _newest!;
        if (!_pieces.TryGetValue(number, out Piece? piece))
            _pieces.Add(number, piece = new Piece());
        (_newest, _newestNumber) = (piece, number);
        return piece;
    }
}
