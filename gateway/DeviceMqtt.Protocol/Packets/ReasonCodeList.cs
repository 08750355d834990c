using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>The payload of SUBACK and UNSUBACK: one code a byte, to the end of the packet (5.0, 3.9.3 and 3.11.3).</summary>
internal static class ReasonCodeList
{
    public static bool TryRead(scoped ref BodyReader reader, PacketType type, ProtocolVersion version, [NotNullWhen(true)] out IReadOnlyList<ReasonCode>? codes)
    {
        codes = null;
        if (reader.Remaining == 0)
            return reader.Fail(MalformedReason.BodyTooShort);
        var all = new ReasonCode[reader.Remaining];
        for (int index = 0; index < all.Length; index++)
        {
            _ = reader.TryReadByte(out byte code);
            all[index] = (ReasonCode)code;
            bool isAllowed = version == ProtocolVersion.V5 ? ReasonCodeRules.IsAllowed(all[index], type) : code is <= 2 or 0x80; // [MQTT-3.9.3-2]
            if (!isAllowed)
                return reader.Fail(MalformedReason.ReasonCodeInvalid);
        }

        codes = all;
        return true;
    }

    public static void Add(PacketBuilder builder, IReadOnlyList<ReasonCode> codes, ProtocolVersion version)
    {
        if (codes.Count == 0)
            throw new InvalidOperationException("There must be one code for each Topic Filter.");
        for (int index = 0; index < codes.Count; index++) // an enumerator would be allocated
        {
            ReasonCode code = codes[index];
            builder.Add(version != ProtocolVersion.V5 && code >= ReasonCode.UnspecifiedError ? (byte)ReasonCode.UnspecifiedError : (byte)code);
        }
    }
}
