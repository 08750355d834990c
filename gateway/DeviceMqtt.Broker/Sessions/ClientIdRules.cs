using System.Text;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>
/// Which Client Identifiers may connect. Stricter than the specification in what would make a P2P topic or an access rule
/// ambiguous (DESIGN: P2P rule 9): no <c>+</c>, no <c>#</c>, no control characters, not the identifier <c>p2p</c>.
/// </summary>
internal static class ClientIdRules
{
    /// <summary>An identifier for a client that brought none [MQTT-3.1.3-6].</summary>
    public static string Assign() => $"auto-{Guid.NewGuid():N}";

    /// <summary>What is wrong with an identifier, as a sentence; null when it may connect.</summary>
    public static string? Check(string clientId, int bytesMax)
    {
        if (clientId.Length == 0)
            return "the Client Identifier is empty and the Session is not clean";
        int bytes = Encoding.UTF8.GetByteCount(clientId);
        if (bytes > bytesMax)
            return $"the Client Identifier has {bytes} bytes, more than {bytesMax}";
        foreach (char c in clientId)
        {
            if (c is '+' or '#')
                return $"the Client Identifier has a '{c}'";
            if (char.IsControl(c))
                return $"the Client Identifier has the control character U+{(int)c:X4}";
        }

        return clientId is Wire.P2PTopic.Level ? "the Client Identifier 'p2p' is not allowed" : null;
    }
}
