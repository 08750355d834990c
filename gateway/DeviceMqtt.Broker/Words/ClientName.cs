using System.Net;

namespace DeviceMqtt.Broker.Words;

/// <summary>Whose connection it is, as a log names it: its client, the user, the address.</summary>
/// <param name="Connection">The number of the connection; 0 for a client that is not connected.</param>
/// <param name="ClientId">The Client Identifier; null before a CONNECT came.</param>
/// <param name="UserName">The user; null for none.</param>
/// <param name="Remote">Where it comes from; null where nobody knows.</param>
/// <param name="IsLetIn">Its CONNECT was accepted: until then <paramref name="ClientId"/> and <paramref name="UserName"/> are what a stranger says.</param>
public readonly record struct ClientName(long Connection, string? ClientId, string? UserName, EndPoint? Remote, bool IsLetIn = true)
{
    /// <summary>What it is called in one word: the Client Identifier of a client that was let in, else where it comes from.</summary>
    public string Name => (IsLetIn ? ClientId : null) ?? Remote?.ToString() ?? "?";

    /// <summary>For a line of the log, with all that is known. No text of others can do anything there.</summary>
    public override string ToString()
    {
        string user = UserName is null ? "no user" : $"user '{SafeText.OfName(UserName)}'";
        string remote = Remote?.ToString() ?? "";
        if (ClientId is null)
            return remote.Length == 0 ? "?" : remote;
        string client = $"client '{SafeText.Of(ClientId)}'";
        if (!IsLetIn)
            return $"{(remote.Length == 0 ? "?" : remote)} ({client}, {user})";
        return remote.Length == 0 ? $"{client} ({user})" : $"{client} ({user}, {remote})";
    }
}
