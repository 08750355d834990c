using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Mapping;

namespace DeviceMqtt.Relay.Settings;

/// <summary>One rule of <c>Relay:Rules</c>: which topics cross, under which name, and how. gateway/docs/relay.md has examples.</summary>
internal sealed class RelayRule
{
    // Ten years: beyond, nobody means an age.
    private const int AgeSecondsMax = 10 * 365 * 24 * 3600;
    /// <summary><c>Out</c> sends upstream what is published here, <c>In</c> publishes here what comes from upstream.</summary>

    public RelayDirection Direction { get; set; } = RelayDirection.Out;

    /// <summary>Topic Filter of the side that the messages come from.</summary>
    public string Filter { get; set; } = "";

    /// <summary>The name on the other side (<see cref="TopicMapping"/>); empty for the same, with <see cref="RelayOptions.Prefix"/> on the upstream's side.</summary>
    public string Topic { get; set; } = "";

    /// <summary>0 to 2: the QoS on the other side is never higher. 0 upstream means no acknowledgement, and nothing kept once it is sent.</summary>
    public int MaxQoS { get; set; } = 1;

    /// <summary>False clears RETAIN.</summary>
    public bool Retain { get; set; } = true;

    /// <summary>Whether QoS 0 messages wait while the upstream is away; as <see cref="RelayOptions.BufferQoS0"/> when not given.</summary>
    public bool? BufferQoS0 { get; set; }

    /// <summary>Seconds after which a message that still waits is not sent any more; 0 for never.</summary>
    public int MaxAgeSeconds { get; set; }
    /// <summary><c>High</c>, <c>Normal</c> or <c>Low</c>: of 13 messages that leave while all wait, 8, 4 and 1.</summary>

    public RelayClass Class { get; set; } = RelayClass.Normal;

    public QoS QoSMax => (QoS)MaxQoS;

    /// <summary>Whether it says the same as another.</summary>
    public bool IsSameAs(RelayRule other) =>
        (Direction, Filter, Topic, MaxQoS, Retain, BufferQoS0, MaxAgeSeconds, Class) ==
        (other.Direction, other.Filter, other.Topic, other.MaxQoS, other.Retain, other.BufferQoS0, other.MaxAgeSeconds, other.Class);

    /// <summary>What is impossible by itself; null when nothing is.</summary>
    public string? Check(string gateway)
    {
        if (!TopicFilter.TryParse(Filter, out TopicFilter filter, out MalformedReason reason))
            return $"its Filter is '{Filter}': {reason.ToText()}";
        if (filter.IsShared)
            return $"its Filter is '{Filter}'; a shared subscription is not for the relay";
        if (MaxQoS is < 0 or > 2)
            return $"its MaxQoS is {MaxQoS}; it must be 0, 1 or 2";
        if (MaxAgeSeconds is < 0 or > AgeSecondsMax)
            return $"its MaxAgeSeconds is {MaxAgeSeconds}; it must be between 0 and {AgeSecondsMax}";
        return TopicMapping.Check(Filter, Topic, gateway) is { } wrong ? $"its Topic is '{Topic}': {wrong}" : null;
    }
}
