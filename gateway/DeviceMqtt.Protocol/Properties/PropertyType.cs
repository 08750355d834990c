namespace DeviceMqtt.Protocol;

/// <summary>How the value of a property is encoded (5.0, 2.2.2.2).</summary>
public enum PropertyType : byte
{
    /// <summary>Not a property of 5.0.</summary>
    Unknown,
    Byte,
    TwoByteInteger,
    FourByteInteger,
    VariableByteInteger,
    Utf8String,
    Utf8StringPair,
    BinaryData,
}
