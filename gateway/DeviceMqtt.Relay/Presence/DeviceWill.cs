using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Presence;

/// <summary>The retained Will of one client of the gateway, and what the upstream has of it. Owned by the turn.</summary>
/// <param name="clientId">The client.</param>
/// <param name="will">As the client gave it, for its topic here.</param>
/// <param name="there">The name of that topic upstream.</param>
internal sealed class DeviceWill(string clientId, WillMessage will, string there)
{
    public string ClientId => clientId;

    public WillMessage Will => will;

    public string There => there;

    /// <summary>The connection that holds it; null while there is none.</summary>
    public WillLink? Link { get; set; }

    /// <summary>The upstream has the Will now, and publishes it should the gateway be cut off.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The retained message upstream is not the one here: RETAIN was cleared, or the Will was published there.</summary>
    public bool OwesState { get; set; }

    /// <summary>The retained message that the upstream has acknowledged last.</summary>
    public Message? Told { get; set; }

    /// <summary>The retained message is under way once more.</summary>
    public bool IsTelling { get; set; }

    /// <summary>When the retained message is told again, which the upstream has refused; null when it has not.</summary>
    public LaterTry? Again { get; set; }

    /// <summary>Monotonic milliseconds since when the client is gone; null while it is here.</summary>
    public long? LeftMs { get; set; }

    public bool IsFor(WillMessage other) =>
        will.Topic == other.Topic && will.QoS == other.QoS && will.Retain == other.Retain && will.Payload.AsSpan().SequenceEqual(other.Payload)
        && will.Properties.PublishProperties.AsSpan().SequenceEqual(other.Properties.PublishProperties);

    /// <summary>Whether the upstream has this very message. Read from the disk again it is another object.</summary>
    public bool HasTold(Message message) => Told is { } told && (told == message || (told.Position != 0 && told.Position == message.Position));
}
