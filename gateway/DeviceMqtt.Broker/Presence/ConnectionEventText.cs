using System.Globalization;
using System.Net;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Presence;

/// <summary>
/// What happened to a connection, as Alibaba Cloud's MQTT service tells it.
/// <code>{"clientId":"GID_a@@@kitchen","clientIp":"192.168.1.20:49152","channelId":"7","eventType":"connect","time":1795210757123}</code>
/// </summary>
internal static class ConnectionEventText
{
    private const int BytesMax = 8 * 1024; // chosen: a Client Identifier of any length that may connect, escaped

    public static string TopicOf(string group) => "$gw/event/" + group;

    public static byte[] Of(ConnectionEvent what, string clientId, long connection, EndPoint? remote, long unixMs)
    {
        FlatJsonWriter json = new(BytesMax);
        json.Begin();
        json.Add("clientId", clientId);
        json.Add("clientIp", remote?.ToString() ?? "");
        json.Add("channelId", connection.ToString(CultureInfo.InvariantCulture));
        json.Add("eventType", what switch { ConnectionEvent.Connect => "connect", ConnectionEvent.Disconnect => "disconnect", _ => "tcpclean" });
        json.Add("time", unixMs);
        return json.End() ? json.Buffer.AsSpan(0, json.Length).ToArray() : [];
    }
}
