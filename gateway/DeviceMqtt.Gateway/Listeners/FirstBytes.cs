using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What a client has most likely meant that begins with the wrong thing: people mix ports up.</summary>
internal static class FirstBytes
{
    private const byte Connect = 0x10; // MQTT, section 3.1

    /// <summary>ContentType handshake, RFC 8446 section 5.1.</summary>
    public const byte Handshake = 0x16;

    private const string NoHeaderForHttp = "it begins with a PROXY header, and a port of HTTP takes none: let the proxy send X-Forwarded-For (Security:TrustedProxies)";

    /// <summary>For a port where TLS is spoken.</summary>
    /// <param name="bytes">The first of the connection.</param>
    /// <param name="isHttp">The port is one of HTTP.</param>
    public static string InsteadOfTls(ReadOnlySpan<byte> bytes, bool isHttp)
    {
        if (bytes.IsEmpty)
            return "nothing came";
        if (bytes[0] == Connect)
            return "it begins with a plain MQTT CONNECT, and this port wants TLS (mqtts://): use the port of mqtt://, or TLS";
        if (IsHttp(bytes))
            return "it begins with a plain HTTP request, and this port wants TLS: use https:// or mqtts://";
        if (ProxyHeader.IsBegunBy(bytes))
            return isHttp ? NoHeaderForHttp : "it begins with a PROXY header, and its address is not in Security:TrustedProxies";
        return $"its first byte is 0x{bytes[0]:X2}, and this port wants TLS";
    }

    /// <summary>It begins as MQTT or HTTP does without TLS.</summary>
    public static bool IsMqttOrHttp(ReadOnlySpan<byte> bytes) => (!bytes.IsEmpty && bytes[0] == Connect) || IsHttp(bytes);

    /// <summary>A connection middleware for a port without TLS: says so to the log when a client begins a handshake.</summary>
    /// <param name="connection">Just accepted.</param>
    /// <param name="next">Serves it.</param>
    /// <param name="lines">The log.</param>
    /// <param name="patience">Until its first byte.</param>
    public static async Task ServePlainAsync(ConnectionContext connection, ConnectionDelegate next, HandshakeLines lines, TimeSpan patience)
    {
        using (CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(Stopping.Of(connection)))
        {
            timeout.CancelAfter(patience);
            try
            {
                ReadResult result = await connection.Transport.Input.ReadAsync(timeout.Token);
                bool isProxyHeader = !result.Buffer.IsEmpty && ProxyHeader.IsBegunBy(result.Buffer.FirstSpan);
                bool isHandshake = !result.Buffer.IsEmpty && result.Buffer.FirstSpan[0] == Handshake;
                connection.Transport.Input.AdvanceTo(result.Buffer.Start); // not looked at: whoever reads next has it at once
                if (isHandshake)
                    lines.MixedUp(connection.RemoteEndPoint, isTls: true, "it begins a TLS handshake, and this port is plain HTTP (https:// in the setting Http makes one with TLS)");
                if (isProxyHeader)
                    lines.Failed(connection.RemoteEndPoint, NoHeaderForHttp);
                if (isHandshake || isProxyHeader || (result.Buffer.IsEmpty && result.IsCompleted))
                    return;
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                return; // It said nothing.
            }
        }

        await next(connection);
    }

    private static bool IsHttp(ReadOnlySpan<byte> bytes)
    {
        foreach (string method in (string[])["GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "DELETE ", "CONNECT ", "PATCH "])
            if (bytes.Length >= method.Length && System.Text.Ascii.Equals(bytes[..method.Length], method))
                return true;
        return false;
    }
}
