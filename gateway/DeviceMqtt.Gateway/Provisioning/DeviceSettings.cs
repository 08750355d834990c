using System.Text.Json;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>What a board is told, in the members of firmware/docs/settings.md; a test reads it with the firmware's own code.</summary>
internal sealed record DeviceSettings
{
    public required string ClientId { get; init; }

    public required string Board { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public bool IsTls { get; init; }

    public required string UserName { get; init; }

    public required string Password { get; init; }

    public required string Ssid { get; init; }

    /// <summary>Null for an open network.</summary>
    public string? WifiPassword { get; init; }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("clientId", ClientId);
        writer.WriteString("board", Board);
        writer.WriteString("host", Host);
        writer.WriteNumber("port", Port);
        if (IsTls)
            writer.WriteBoolean("tls", true);
        writer.WriteString("user", UserName);
        writer.WriteString("password", Password);
        writer.WriteString("ssid", Ssid);
        if (WifiPassword is not null)
            writer.WriteString("wifiPassword", WifiPassword);
    }
}
