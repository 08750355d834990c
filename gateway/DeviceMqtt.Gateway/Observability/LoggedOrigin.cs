using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Whose a client is and where it comes from, in a line that has its Client Identifier already.</summary>
internal readonly record struct LoggedOrigin(ClientName Client)
{
    public override string ToString() => $"{(Client.UserName is { } user ? $"user '{SafeText.OfName(user)}'" : "no user")} at {Client.Remote?.ToString() ?? "?"}";
}
