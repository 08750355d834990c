using System.Text;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>Puts one record together, in a buffer that is used again for the next.</summary>
internal sealed class RecordWriter
{
    private const int NumberBytesMax = 9; // of 63 bits, seven a byte
    private byte[] _bytes = new byte[256];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public RecordWriter Start(RecordKind kind) => Clear().Add((byte)kind);

    public RecordWriter Clear()
    {
        _length = 0;
        return this;
    }

    public RecordWriter Add(byte value)
    {
        Reserve(1);
        _bytes[_length++] = value;
        return this;
    }

    public RecordWriter Add(bool value) => Add(value ? (byte)1 : (byte)0);

    /// <summary>A number of 0 or more, seven bits a byte, the lowest first.</summary>
    public RecordWriter Add(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        Reserve(NumberBytesMax);
        ulong rest = (ulong)number;
        for (; rest >= 0x80; rest >>= 7)
            _bytes[_length++] = (byte)(rest | 0x80);
        _bytes[_length++] = (byte)rest;
        return this;
    }

    /// <summary>Bytes behind their number.</summary>
    public RecordWriter Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        return this;
    }

    /// <summary>The name of a user, at the end of a record; an empty text where there is none.</summary>
    public RecordWriter AddUser(string? userName) => Add(userName ?? "");

    /// <summary>A user at the end of a record, which ends with its name where there is no more to say of it.</summary>
    public RecordWriter AddUser(in UserIdentity user) => user.Id == 0 ? AddUser(user.Name) : AddUser(user.Name).Add(user.Id);

    /// <summary>UTF-8 behind the number of its bytes.</summary>
    public RecordWriter Add(string text)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        Add(bytes);
        Reserve(bytes);
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
        return this;
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _length < bytes)
            Array.Resize(ref _bytes, Math.Max(_length + bytes, 2 * _bytes.Length));
    }
}
