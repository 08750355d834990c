using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>
/// A QoS 2 Packet Identifier towards a client or an upstream is in use although its message was given up, or is free again: a <see cref="RecordKind.Sent"/> of
/// entry 0 with an owner behind it. Versions before know no such entry, and pass over it.
/// </summary>
internal static class GivenUpRecord
{
    public const long NoEntry = 0;

    /// <summary>The identifier is in use.</summary>
    public const byte Open = (byte)QoS.ExactlyOnce;

    /// <param name="record">Where it is written.</param>
    /// <param name="owner">By the name that <see cref="InboundOwner"/> gives it.</param>
    /// <param name="packetId">The identifier.</param>
    /// <param name="isOpen">It is in use.</param>
    public static RecordWriter Write(RecordWriter record, string owner, ushort packetId, bool isOpen) =>
        record.Start(RecordKind.Sent).Add(NoEntry).Add((long)packetId).Add(isOpen ? Open : (byte)QoS.AtMostOnce).Add(owner);
}
