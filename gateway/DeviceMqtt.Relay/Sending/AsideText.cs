using System.Globalization;
using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;

namespace DeviceMqtt.Relay.Sending;

/// <summary>Messages that are set aside, in words for a terminal.</summary>
internal static class AsideText
{
    // Chosen: what a person reads on one screen or two.
    private const int PayloadCharsMax = 4096;

    public static string Line(int number, Message message, AsideReason why, WallClock clock)
    {
        string reason = why.ReasonCode == 0 ? "ends the connection" : $"refused with {(ReasonCode)why.ReasonCode}";
        string accepted = RelayProperties.AcceptedAt(message, message.AcceptedMs, clock).ToString("u", CultureInfo.InvariantCulture);
        return $"{number}  {SafeText.Of(message.Topic)}  {message.Payload.Length} bytes, QoS {(int)message.QoS}, {accepted}: {reason}";
    }

    // A control character may be why a message is here.
    public static string Payload(byte[] payload) => SafeText.Of(Encoding.UTF8.GetString(payload), PayloadCharsMax);
}
