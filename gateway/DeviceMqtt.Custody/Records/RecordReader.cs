using System.Text;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>
/// Takes one record apart. The journal has checked its bytes, so whatever does not fit here was written by another
/// version or by a fault of ours: it is an error, never a guess.
/// </summary>
internal ref struct RecordReader(ReadOnlySpan<byte> record)
{
    private const int NumberBytesMax = 10; // of 64 bits, seven a byte
    private ReadOnlySpan<byte> _rest = record;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public RecordKind ReadKind() => (RecordKind)ReadByte();

    public byte ReadByte() => Take(1)[0];

    public bool ReadBool() => ReadByte() != 0;

    public long ReadNumber()
    {
        ulong value = 0;
        for (int i = 0; i < NumberBytesMax; i++)
        {
            if (i >= _rest.Length)
                throw new InvalidDataException("a record ends too early");
            byte next = _rest[i];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next >= 0x80)
                continue;
            _rest = _rest[(i + 1)..];
            return value <= long.MaxValue ? (long)value : throw new InvalidDataException("a number in a record is out of range");
        }

        throw new InvalidDataException("a number in a record does not end");
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        long length = ReadNumber();
        return length <= _rest.Length ? Take((int)length) : throw new InvalidDataException($"a record ends before the {length} bytes it announces");
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>The name of a user, at the end of a record; null where there is none, as in records of versions before.</summary>
    public string? ReadUser() => IsAtEnd || ReadText() is not { Length: > 0 } userName ? null : userName;

    /// <summary>A user at the end of a record; no number of it where its name is all that there is, as in records of versions before.</summary>
    public UserIdentity ReadUserIdentity() => new(ReadUser(), IsAtEnd ? 0 : ReadNumber());

    /// <summary>A mark at the end of a record; false where a version wrote it that knew none.</summary>
    public bool ReadMark() => !IsAtEnd && ReadByte() != 0;

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw new InvalidDataException("a record ends too early");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
