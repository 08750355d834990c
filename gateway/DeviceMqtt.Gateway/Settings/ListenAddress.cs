using System.Globalization;
using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>Addresses to listen on: <c>127.0.0.1:1883</c>, <c>[::1]:1883</c>, <c>localhost:1883</c>, <c>*:1883</c>, and with TLS <c>mqtts://*:8883</c>.</summary>
internal static class ListenAddress
{
    /// <param name="setting">Its name, for the message.</param>
    /// <param name="text">The address, with or without a scheme.</param>
    /// <param name="plain">The scheme without TLS, which need not be said.</param>
    /// <param name="secure">The scheme with TLS.</param>
    /// <exception cref="SettingException">The text is no address with a port, or has another scheme.</exception>
    public static ListenOn Parse(string setting, string text, string plain, string secure)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return new ListenOn(Parse(setting, text), IsTls: false);
        bool isTls = text.AsSpan(0, scheme).SequenceEqual(secure);
        if (!isTls && !text.AsSpan(0, scheme).SequenceEqual(plain))
            throw new SettingException($"{setting} is '{text}'; it may begin with {plain}:// or {secure}://");
        return new ListenOn(Parse(setting, text[(scheme + "://".Length)..]), isTls);
    }

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

            if (TryParseUsual(text.AsSpan(0, colon)) is { } usual)
                return new IPEndPoint(usual, port);
            if (IPEndPoint.TryParse(text, out IPEndPoint? endPoint) && endPoint.Port == port)
                return endPoint;
        }

        throw new SettingException($"{setting} is '{text}'; it must be an IP address and a port, like 127.0.0.1:1883, [::1]:1883 or *:1883");
    }

    // Four numbers without zeros in front, as nearly everybody writes them: what reads all forms of an address is compiled at each start.
    private static IPAddress? TryParseUsual(ReadOnlySpan<char> text)
    {
        uint address = 0;
        for (int i = 0; i < 4; i++)
        {
            int end = i < 3 ? text.IndexOf('.') : text.Length;
            if (end is < 1 or > 3 || (text[0] == '0' && end > 1) || !byte.TryParse(text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out byte number))
                return null;
            address |= (uint)number << (8 * i); // in the order of the network, as the constructor has it
            text = text[Math.Min(end + 1, text.Length)..];
        }

        return BitConverter.IsLittleEndian ? new IPAddress(address) : null;
    }
}
