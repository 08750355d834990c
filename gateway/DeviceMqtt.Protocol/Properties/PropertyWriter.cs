using System.Buffers.Binary;
using System.Text;

namespace DeviceMqtt.Protocol;

/// <summary>
/// Builds encoded properties of 5.0 (2.2.2), without the length before them: every encoder puts that itself. Reusable after
/// <see cref="Clear"/>. Checks that the value has the type of the property, not in which packet it will stand.
/// </summary>
/// <exception cref="ArgumentException">From every Add: the property has another type, or the value cannot be encoded.</exception>
public sealed class PropertyWriter
{
    private byte[] _bytes = [];
    private int _length;

    /// <summary>What was added so far. Valid until the next Add or <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Adds a property of an integer type.</summary>
    public void Add(PropertyId id, uint value)
    {
        switch (PropertyRules.GetType(id))
        {
            case PropertyType.Byte when value <= byte.MaxValue:
                Start(id, 1)[0] = (byte)value;
                break;
            case PropertyType.TwoByteInteger when value <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16BigEndian(Start(id, sizeof(ushort)), (ushort)value);
                break;
            case PropertyType.FourByteInteger:
                BinaryPrimitives.WriteUInt32BigEndian(Start(id, sizeof(uint)), value);
                break;
            case PropertyType.VariableByteInteger when value <= VariableByteInteger.Max:
                _ = VariableByteInteger.Write(Start(id, VariableByteInteger.GetLength((int)value)), (int)value);
                break;
            default:
                throw new ArgumentException($"{id} cannot be {value}.", nameof(value));
        }
    }

    /// <summary>Adds a property that is a UTF-8 string.</summary>
    public void Add(PropertyId id, string value)
    {
        ThrowIfNot(id, PropertyType.Utf8String);
        Start(id, 0);
        AddText(value);
    }

    /// <summary>Adds binary data, or a string that is encoded already.</summary>
    public void Add(PropertyId id, ReadOnlySpan<byte> value)
    {
        if (PropertyRules.GetType(id) != PropertyType.Utf8String)
            ThrowIfNot(id, PropertyType.BinaryData);
        WireFormat.ThrowIfTooLong(value.Length);
        Span<byte> destination = Start(id, sizeof(ushort) + value.Length);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)value.Length);
        value.CopyTo(destination[sizeof(ushort)..]);
    }

    public void Add(UserProperty property)
    {
        Start(PropertyId.UserProperty, 0);
        AddText(property.Name);
        AddText(property.Value);
    }

    /// <summary>Adds properties that are encoded already, without their length.</summary>
    public void AddEncoded(ReadOnlySpan<byte> properties) => properties.CopyTo(Take(properties.Length));

    internal void Add(IReadOnlyList<UserProperty> properties)
    {
        for (int index = 0; index < properties.Count; index++) // an enumerator would be allocated
            Add(properties[index]);
    }

    internal void AddIfPresent(PropertyId id, string? value)
    {
        if (value is not null)
            Add(id, value);
    }

    internal void AddIfPresent(PropertyId id, byte[]? value)
    {
        if (value is not null)
            Add(id, value.AsSpan());
    }

    internal void AddIfPresent(PropertyId id, uint? value)
    {
        if (value is { } number)
            Add(id, number);
    }

    /// <summary>The default of the specification is what an absent property means, so it is left out.</summary>
    internal void AddUnless(PropertyId id, uint value, uint defaultValue)
    {
        if (value != defaultValue)
            Add(id, value);
    }

    private static void ThrowIfNot(PropertyId id, PropertyType type)
    {
        if (PropertyRules.GetType(id) != type)
            throw new ArgumentException($"{id} is not of the type {type}.", nameof(id));
    }

    private void AddText(string text)
    {
        WireFormat.ThrowIfNotEncodable(text);
        int length = Encoding.UTF8.GetByteCount(text);
        Span<byte> destination = Take(sizeof(ushort) + length);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)length);
        Encoding.UTF8.GetBytes(text, destination[sizeof(ushort)..]);
    }

    private Span<byte> Start(PropertyId id, int valueBytes)
    {
        Span<byte> destination = Take(1 + valueBytes);
        destination[0] = (byte)id;
        return destination[1..];
    }

    private Span<byte> Take(int length)
    {
        if (_bytes.Length - _length < length)
            Array.Resize(ref _bytes, Math.Max(Math.Max(_bytes.Length * 2, 64), _length + length));
        Span<byte> taken = _bytes.AsSpan(_length, length);
        _length += length;
        return taken;
    }
}
