using System.Globalization;
using System.Net;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>Addresses to listen on: <c>127.0.0.1:1883</c>, <c>[::1]:1883</c>, <c>localhost:1883</c>, <c>*:1883</c>.</summary>
internal static class ListenAddress
{
    /// <exception cref="SettingException">The text is no address with a port.</exception>
    public static IPEndPoint Parse(string setting, string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            switch (text[..colon])
            {
                case "localhost": return new IPEndPoint(IPAddress.Loopback, port);
                case "*": return new IPEndPoint(IPAddress.IPv6Any, port);
            }

            if (IPEndPoint.TryParse(text, out IPEndPoint? endPoint) && endPoint.Port == port)
                return endPoint;
        }

        throw new SettingException($"{setting} is '{text}'; it must be an IP address and a port, like 127.0.0.1:1883, [::1]:1883 or *:1883");
    }
}
