using System.Text;
using DeviceMqtt.Gateway.Sessions;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>Section <c>Relay</c>: how the gateway behaves towards its upstream. gateway/docs/relay.md explains each.</summary>
internal sealed class RelayOptions
{
    // Chosen: far more than anybody needs, and with a topic behind it far less than the 65,535 bytes of a Topic Name.
    private const int NameBytesMax = 1024;

    /// <summary>The gateway's Client Identifier upstream. Two gateways on one upstream need two.</summary>
    public string ClientId { get; set; } = DefaultClientId(Environment.MachineName);

    /// <summary>Seconds between two PINGREQ, and the Keep Alive told to the upstream.</summary>
    public int KeepAliveSeconds { get; set; } = 30;

    /// <summary>Topic Filters of what goes upstream; <c>#</c> when none is given, which leaves out topics that begin with <c>$</c>.</summary>
    public List<string> Out { get; set; } = [];

    /// <summary>Whether QoS 0 messages wait for the upstream like the others. Off, they pass while it is connected and are dropped otherwise.</summary>
    public bool BufferQoS0 { get; set; } = true;

    /// <summary>Stands before every topic upstream, P2P topics excepted; empty, or ending with <c>/</c>.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Milliseconds before the second try to connect; doubled for each further one.</summary>
    public int BackoffMinMs { get; set; } = 500;

    /// <summary>The most milliseconds between two tries.</summary>
    public int BackoffMaxMs { get; set; } = 30_000;

    /// <summary>The setting that has an impossible value, as a sentence that names it; null when all are possible.</summary>
    public string? Check()
    {
        if (ClientIdRules.Check(ClientId, NameBytesMax) is { } wrongId)
            return $"Relay:ClientId is '{ClientId}': {wrongId}";
        // The identifier is the last level of the gateway's own presence topic.
        if (!Wire.ClientId.IsAddressable(ClientId))
            return $"Relay:ClientId is '{ClientId}'; it must be a single topic level";
        if (KeepAliveSeconds is < 1 or > ushort.MaxValue)
            return $"Relay:KeepAliveSeconds is {KeepAliveSeconds}; it must be between 1 and {ushort.MaxValue}";
        if (BackoffMinMs is < 10 or > 3_600_000)
            return $"Relay:BackoffMinMs is {BackoffMinMs}; it must be between 10 and 3600000";
        if (BackoffMaxMs < BackoffMinMs || BackoffMaxMs > 24 * 3_600_000)
            return $"Relay:BackoffMaxMs is {BackoffMaxMs}; it must be between Relay:BackoffMinMs ({BackoffMinMs}) and 86400000";
        return CheckPrefix() ?? CheckOut();
    }

    /// <summary><c>devicemqtt-</c> and the name of the machine, with nothing in it that an upstream could refuse.</summary>
    public static string DefaultClientId(string machineName)
    {
        string cleaned = string.Concat(machineName.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
        return "devicemqtt-" + (cleaned.Length == 0 ? "gateway" : cleaned);
    }

    private string? CheckPrefix()
    {
        if (Prefix.Length == 0)
            return null;
        if (!Prefix.EndsWith('/') || Prefix.StartsWith('$'))
            return $"Relay:Prefix is '{Prefix}'; it must end with / and not begin with $";
        if (Encoding.UTF8.GetByteCount(Prefix) > NameBytesMax)
            return $"Relay:Prefix has more than {NameBytesMax} bytes";
        return TopicName.TryParse(Prefix, out _, out MalformedReason reason) ? null : $"Relay:Prefix is '{Prefix}': {reason.ToText()}";
    }

    private string? CheckOut()
    {
        for (int i = 0; i < Out.Count; i++)
        {
            if (!TopicFilter.TryParse(Out[i], out TopicFilter filter, out MalformedReason reason))
                return $"Relay:Out:{i} is '{Out[i]}': {reason.ToText()}";
            if (filter.IsShared)
                return $"Relay:Out:{i} is '{Out[i]}'; a shared subscription is not for the relay";
        }

        return null;
    }
}
