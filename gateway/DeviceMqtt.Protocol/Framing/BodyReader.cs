using System.Buffers.Binary;

namespace DeviceMqtt.Protocol;

/// <summary>
/// Reads the fields of a packet's body in order (5.0, 1.5). Every method returns false and leaves <see cref="Reason"/> when the field is not
/// sound, so that a decoder is a chain of them.
/// </summary>
internal ref struct BodyReader(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _offset;

    public MalformedReason Reason { get; private set; }

    public readonly int Remaining => _body.Length - _offset;

    public readonly ReadOnlySpan<byte> Rest => _body[_offset..];

    public bool TryReadByte(out byte value)
    {
        if (_offset >= _body.Length)
        {
            value = 0;
            return Fail(MalformedReason.BodyTooShort);
        }

        value = _body[_offset++];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(Rest, out value))
            return Fail(MalformedReason.BodyTooShort);
        _offset += sizeof(ushort);
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(Rest, out value))
            return Fail(MalformedReason.BodyTooShort);
        _offset += sizeof(uint);
        return true;
    }

    /// <summary>A Packet Identifier, which is never 0. [MQTT-2.2.1-3]</summary>
    public bool TryReadPacketId(out ushort packetId) =>
        TryReadUInt16(out packetId) && (packetId != 0 || Fail(MalformedReason.PacketIdZero));

    /// <summary>A Variable Byte Integer inside a body, which only 5.0 has: the shortest form is demanded. [MQTT-1.5.5-1]</summary>
    public bool TryReadVariableByteInteger(out int value)
    {
        switch (VariableByteInteger.TryRead(Rest, out value, out int length))
        {
            case DecodeStatus.NeedMore:
                return Fail(MalformedReason.BodyTooShort);
            case DecodeStatus.Malformed:
                return Fail(MalformedReason.VariableByteIntegerTooLong);
        }

        _offset += length;
        return length == VariableByteInteger.GetLength(value) || Fail(MalformedReason.VariableByteIntegerNotMinimal);
    }

    public bool TryReadBinary(out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryReadUInt16(out ushort length))
            return false;
        if (Remaining < length)
            return Fail(MalformedReason.BodyTooShort);
        value = _body.Slice(_offset, length);
        _offset += length;
        return true;
    }

    public bool TryReadUtf8(out ReadOnlySpan<byte> value)
    {
        if (!TryReadBinary(out value))
            return false;
        return MqttUtf8.Check(value, out MalformedReason reason) || Fail(reason);
    }

    /// <summary>The properties of 5.0, not looked into: a length and as many bytes.</summary>
    public bool TryReadPropertyBytes(out ReadOnlySpan<byte> properties)
    {
        properties = default;
        if (!TryReadVariableByteInteger(out int length))
            return false;
        if (Remaining < length)
            return Fail(MalformedReason.BodyTooShort);
        properties = _body.Slice(_offset, length);
        _offset += length;
        return true;
    }

    /// <summary>Nothing may stand behind the last field.</summary>
    public bool TryEnd() => Remaining == 0 || Fail(MalformedReason.BodyTooLong);

    /// <summary>Keeps the first reason and returns false.</summary>
    public bool Fail(MalformedReason reason)
    {
        if (Reason == MalformedReason.None)
            Reason = reason;
        return false;
    }
}
