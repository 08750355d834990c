namespace DeviceMqtt.Protocol;

/// <summary>
/// Walks the encoded properties of a 5.0 packet (2.2.2) without allocation. Give it the properties without their length. Over properties that
/// a decoder has accepted it never fails.
/// </summary>
public ref struct PropertyReader(ReadOnlySpan<byte> properties)
{
    private BodyReader _reader = new(properties);

    /// <summary><see cref="MalformedReason.None"/> after a walk to the end; otherwise what is wrong with the encoding.</summary>
    public readonly MalformedReason Reason => _reader.Reason;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _reader.Rest;

    /// <summary>Reads the next property; false at the end and at the first mistake.</summary>
    /// <param name="number">The value of all integer types, else 0.</param>
    /// <param name="bytes">A string or binary data, or the name of a string pair; else empty.</param>
    /// <param name="value2">The value of a string pair, else empty.</param>
    public bool TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> value2)
    {
        id = default;
        number = 0;
        bytes = default;
        value2 = default;
        if (_reader.Remaining == 0 || _reader.Reason != MalformedReason.None || !_reader.TryReadByte(out byte identifier))
            return false;

        // The identifier is a Variable Byte Integer by the letter; all that exist have one byte.
        id = (PropertyId)identifier;
        switch (PropertyRules.GetType(id))
        {
            case PropertyType.Byte:
                bool read = _reader.TryReadByte(out byte one);
                number = one;
                return read;
            case PropertyType.TwoByteInteger:
                read = _reader.TryReadUInt16(out ushort two);
                number = two;
                return read;
            case PropertyType.FourByteInteger:
                return _reader.TryReadUInt32(out number);
            case PropertyType.VariableByteInteger:
                read = _reader.TryReadVariableByteInteger(out int variable);
                number = (uint)variable;
                return read;
            case PropertyType.Utf8String:
                return _reader.TryReadUtf8(out bytes);
            case PropertyType.Utf8StringPair:
                return _reader.TryReadUtf8(out bytes) && _reader.TryReadUtf8(out value2);
            case PropertyType.BinaryData:
                return _reader.TryReadBinary(out bytes);
            default:
                return _reader.Fail(MalformedReason.UnknownProperty);
        }
    }
}
