namespace DeviceMqtt.Gateway.Web;

/// <summary>What somebody may do in the console and over the HTTP API.</summary>
internal enum ConsoleRole : byte
{
    /// <summary>Sees states, counts and readings; no raw payloads, and changes nothing.</summary>
    Monitor,

    /// <summary>Everything.</summary>
    Operator,
}
