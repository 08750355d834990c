using System.Buffers;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>Closes a connection whose first byte can never begin a CONNECT packet, and says what the client probably mixed up.</summary>
internal static class FirstByte
{
    private const byte Connect = (byte)PacketType.Connect << 4; // without flags (3.1.1 section 2.2.2)
    private const byte Tls = 0x16; // ContentType handshake, RFC 8446 section 5.1

    /// <summary>One that begins a TLS handshake. 0x16 would decode as a CONNECT with flags, so this is asked first.</summary>
    /// <returns>True when it was closed.</returns>
    public static bool CloseIfTls(MqttConnection connection, in ReadOnlySequence<byte> buffer)
    {
        if (connection.Session is not null || buffer.IsEmpty || buffer.FirstSpan[0] != Tls)
            return false;
        connection.Close(CloseReason.ProtocolError, "it begins a TLS handshake, and this port is plain MQTT (mqtts:// in the setting Listen makes one with TLS)");
        return true;
    }

    /// <summary>One that begins with another packet or protocol [MQTT-3.1.0-1]. The packet need not be whole: a browser would wait for ever.</summary>
    /// <returns>True when it was closed.</returns>
    public static bool CloseIfNoConnect(MqttConnection connection, in ReadOnlySequence<byte> unfinished)
    {
        if (connection.Session is not null || unfinished.IsEmpty || unfinished.FirstSpan[0] == Connect)
            return false;
        byte first = unfinished.FirstSpan[0];
        connection.Close(CloseReason.ProtocolError, $"the first byte is 0x{first:X2}, which begins no CONNECT{WordsFor(first)}");
        return true;
    }

    // What people mix up: the ports, and a proxy that is not expected.
    private static string WordsFor(byte first) => first switch
    {
        (byte)'P' or (byte)'\r' => ": if it is a PROXY header, its address is not in Security:TrustedProxies",
        (byte)'G' => ": if it is an HTTP request, this is the port of MQTT",
        _ => "",
    };
}
