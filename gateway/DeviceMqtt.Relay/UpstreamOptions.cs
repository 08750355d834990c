using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay;

/// <summary>One upstream of a broker. Everything else is as in the gateway when nothing is set there.</summary>
public sealed class UpstreamOptions
{
    /// <summary><c>mqtt://user:password@host:1883</c>, or <c>mqtts://</c>.</summary>
    public required string Address { get; init; }

    /// <summary>The Client Identifier there: a single topic level. Two brokers on one upstream need two.</summary>
    public required string ClientId { get; init; }

    /// <summary>Topic Filters of what goes to the upstream; when none is given, every topic that does not begin with <c>$</c>.</summary>
    public IReadOnlyList<string> Out { get; init; } = [];

    /// <summary>Topic Filters of what comes from the upstream.</summary>
    public IReadOnlyList<string> In { get; init; } = [];

    internal RelayOptions ToRelay() => new()
    {
        Addresses = [Address],
        ClientId = ClientId,
        Out = [.. Out],
        Rules = [.. In.Select(static filter => new RelayRule { Direction = RelayDirection.In, Filter = filter })],
    };
}
