using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>How large a record can be, whatever the settings are or were.</summary>
internal static class RecordBound
{
    // Names and topics: a text of MQTT has a length of two bytes. A kind of record has four at most beside what came in one packet: sender, target, command and user.
    private const int TextBytesMax = ushort.MaxValue;
    private const int TextsMax = 4;

    // Kind, flags, times and lengths, generously.
    private const int AroundBytesMax = 256;

    /// <summary>
    /// Bytes that no record exceeds. A record may be larger than the packet that it is of: the topic of a Topic Alias is not in the packet, and a rule for an upstream makes a topic
    /// longer. And the packet may be larger than the limit of today: a Will or a message was kept under another one. So this is what MQTT allows, and not a setting: a record
    /// within it that is too large for the disk finds no room there, which is an outcome.
    /// </summary>
    public const int BytesMax = GatewayLimits.MqttPacketBytesMax + (TextsMax * TextBytesMax) + AroundBytesMax;
}
