using System.Runtime.InteropServices;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Topics;

/// <summary>
/// The PUBLISH packets that one publication turns into, each encoded once however many subscribers get it. There are at
/// most six (3.x or 5.0, QoS 0 to 2); the Packet Identifier and the RETAIN bit are patched into each copy.
/// Owned by the turn and reused for every publication.
/// </summary>
internal sealed class PublishEncodings
{
    private const int KeptBytes = 64 * 1024;

    // Every subscriber gets its own written over it; 0 is no Packet Identifier and would be refused.
    private const ushort PlaceholderPacketId = 1;
    private readonly Slot[] _slots = new Slot[6];
    private byte[] _scratch = new byte[4096];
    private int _used;

    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public int Offset;
        public int Length;
    }

    /// <summary>Forgets the publication before.</summary>
    public void Reset()
    {
        Array.Clear(_slots);
        _used = 0;
        if (_scratch.Length > KeptBytes)
            _scratch = new byte[KeptBytes];
    }

    /// <summary>The packet with RETAIN 0 and, for QoS 1 and 2, a Packet Identifier to be written over.</summary>
    public ReadOnlySpan<byte> Get(in Publication publication, ProtocolVersion version, QoS qos)
    {
        if (qos == QoS.AtMostOnce && !publication.ForwardablePacket.IsEmpty && publication.IsForwardableV5 == (version == ProtocolVersion.V5))
            return publication.ForwardablePacket;

        ref Slot slot = ref _slots[(version == ProtocolVersion.V5 ? 3 : 0) + (int)qos];
        if (slot.Length == 0)
            Encode(publication, version, qos, ref slot);
        return _scratch.AsSpan(slot.Offset, slot.Length);
    }

    private void Encode(in Publication publication, ProtocolVersion version, QoS qos, ref Slot slot)
    {
        byte[] topic = publication.Route.TopicUtf8;
        int length = PublishPacket.GetLength(version, topic.Length, publication.Properties.Length, publication.Payload.Length, qos);
        if (_scratch.Length - _used < length)
            Array.Resize(ref _scratch, Math.Max(_scratch.Length * 2, _used + length));
        PublishPacket.Encode(_scratch.AsSpan(_used), version, topic, publication.Properties, publication.Payload, qos, retain: false, dup: false, PlaceholderPacketId);
        slot.Offset = _used;
        slot.Length = length;
        _used += length;
    }
}
