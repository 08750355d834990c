using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DeviceMqtt.Protocol;

/// <summary>
/// Builds the packets that are not hot: the body is collected first, because its length stands before it. One per thread, reused.
/// </summary>
internal sealed class PacketBuilder
{
    private const int KeptBytesMax = 64 * 1024;

    [ThreadStatic]
    private static PacketBuilder? t_cached;

    private byte[] _bytes = new byte[512];
    private int _length;

    /// <summary>For the properties of the packet being built.</summary>
    public PropertyWriter Properties { get; } = new();

    /// <summary>Takes this thread's builder, emptied. It is free again after <see cref="WriteTo"/>.</summary>
    public static PacketBuilder Start()
    {
        PacketBuilder builder = t_cached ?? new PacketBuilder();
        t_cached = null;
        builder._length = 0;
        builder.Properties.Clear();
        return builder;
    }

    public void Add(byte value) => Take(1)[0] = value;

    public void Add(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    public void AddRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Add(ReadOnlySpan<byte> binary)
    {
        WireFormat.ThrowIfTooLong(binary.Length);
        Add((ushort)binary.Length);
        AddRaw(binary);
    }

    public void Add(string text)
    {
        WireFormat.ThrowIfNotEncodable(text);
        int length = Encoding.UTF8.GetByteCount(text);
        Add((ushort)length);
        Encoding.UTF8.GetBytes(text, Take(length));
    }

    /// <summary>Adds what was collected in <see cref="Properties"/>, with its length before it, and empties it for a second set.</summary>
    public void AddProperties()
    {
        ReadOnlySpan<byte> properties = Properties.Written;
        int lengthBytes = VariableByteInteger.GetLength(properties.Length);
        _ = VariableByteInteger.Write(Take(lengthBytes), properties.Length);
        AddRaw(properties);
        Properties.Clear();
    }

    /// <summary>Writes fixed header and body.</summary>
    public void WriteTo(IBufferWriter<byte> writer, PacketType type, byte flags = 0)
    {
        Span<byte> destination = writer.GetSpan(1 + VariableByteInteger.BytesMax + _length);
        destination[0] = (byte)((int)type << 4 | flags);
        int bodyOffset = 1 + VariableByteInteger.Write(destination[1..], _length);
        _bytes.AsSpan(0, _length).CopyTo(destination[bodyOffset..]);
        writer.Advance(bodyOffset + _length);
        if (_bytes.Length <= KeptBytesMax)
            t_cached = this;
    }

    private Span<byte> Take(int length)
    {
        if (_bytes.Length - _length < length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        Span<byte> taken = _bytes.AsSpan(_length, length);
        _length += length;
        return taken;
    }
}
