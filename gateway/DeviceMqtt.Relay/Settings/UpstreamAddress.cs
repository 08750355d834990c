using System.Globalization;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Settings;

/// <summary>
/// Where the upstream broker is and who the gateway is there: <c>mqtt://user:password@host:1883</c>, or <c>mqtts://</c> for TLS.
/// User and password are percent-encoded, as in every URI.
/// </summary>
internal sealed class UpstreamAddress
{
    public const int PlainPort = 1883; // IANA: mqtt
    public const int TlsPort = 8883; // IANA: secure-mqtt
    private const string Setting = "Upstream";

    public required string Host { get; init; }

    public required int Port { get; init; }

    public bool IsTls { get; init; }

    /// <summary>Null for an anonymous connection.</summary>
    public string? UserName { get; init; }

    /// <summary>Null without a user name, and possibly with one.</summary>
    public string? Password { get; init; }

    /// <summary>The password as CONNECT has it.</summary>
    public byte[]? PasswordUtf8 => Password is null ? null : Encoding.UTF8.GetBytes(Password);

    /// <exception cref="SettingException">The text is no address of a broker. Its message never repeats the text: there may be a password in it.</exception>
    public static UpstreamAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
            throw Wrong("it must be an address like mqtt://host:1883 or mqtt://user:password@host:1883; special characters in user and password are percent-encoded");
        bool isTls = uri.Scheme == "mqtts";
        if (!isTls && uri.Scheme != "mqtt")
            throw Wrong("it must begin with mqtt:// or mqtts://");
        if (uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw Wrong("nothing may stand behind host and port; / ? # in user and password are percent-encoded (%2F %3F %23)");
        if (uri.Port == 0)
            throw Wrong("port 0 cannot be connected to");

        (string? userName, string? password) = ReadUser(uri.UserInfo);
        return new UpstreamAddress
        {
            Host = uri.IdnHost,
            Port = uri.Port > 0 ? uri.Port : isTls ? TlsPort : PlainPort,
            IsTls = isTls,
            UserName = userName,
            Password = password,
        };
    }

    /// <summary>The address as logs may show it: without user and password.</summary>
    public override string ToString()
    {
        string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return $"{(IsTls ? "mqtts" : "mqtt")}://{host}:{Port.ToString(CultureInfo.InvariantCulture)}";
    }

    private static (string? UserName, string? Password) ReadUser(string userInfo)
    {
        if (userInfo.Length == 0)
            return (null, null);
        int colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        string userName = Decode(colon < 0 ? userInfo : userInfo[..colon]);
        if (userName.Length == 0)
            throw Wrong("there is a password and no user name"); // [MQTT-3.1.2-22]
        return (userName, colon < 0 ? null : Decode(userInfo[(colon + 1)..]));
    }

    // A percent sign that begins no escape stands for itself: Uri has made %25 of it.
    private static string Decode(string text)
    {
        string decoded = Uri.UnescapeDataString(text);
        if (!MqttUtf8.Check(decoded, out MalformedReason reason))
            throw Wrong($"in user or password {reason.ToText()}");
        return decoded;
    }

    private static SettingException Wrong(string why) => new($"{Setting} cannot be used: {why}");
}
