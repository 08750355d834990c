using System.Buffers;
using System.Text;

namespace DeviceMqtt.Custody.Records;

/// <summary>Puts one record together, in a buffer that is used again for the next.</summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public RecordWriter Start(RecordKind kind) => Clear().Add((byte)kind);

    public RecordWriter Clear()
    {
        _bytes.ResetWrittenCount();
        return this;
    }

    public RecordWriter Add(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    public RecordWriter Add(bool value) => Add(value ? (byte)1 : (byte)0);

    /// <summary>A number of 0 or more, seven bits a byte, the lowest first.</summary>
    public RecordWriter Add(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        Span<byte> destination = _bytes.GetSpan(10);
        int count = 0;
        for (ulong rest = (ulong)number; ; rest >>= 7)
        {
            destination[count++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
                break;
        }

        _bytes.Advance(count);
        return this;
    }

    /// <summary>Bytes behind their number.</summary>
    public RecordWriter Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>The name of a user, at the end of a record; an empty text where there is none.</summary>
    public RecordWriter AddUser(string? userName) => Add(userName ?? "");

    /// <summary>UTF-8 behind the number of its bytes.</summary>
    public RecordWriter Add(string text)
    {
        Add(Encoding.UTF8.GetByteCount(text));
        _ = Encoding.UTF8.GetBytes(text, _bytes);
        return this;
    }
}
