using System.Buffers.Binary;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Messages;

/// <summary>
/// The 5.0 properties of a PUBLISH on their way from publisher to subscriber (5.0 section 3.3.2.3): the topic alias
/// belongs to one connection and stays behind, subscription identifiers are added per subscriber, the expiry interval
/// counts down while the message waits, and everything else goes through as it came, user properties in their order.
/// </summary>
internal static class ForwardedProperties
{
    /// <summary>What of an inbound PUBLISH goes on to subscribers: all but the topic alias.</summary>
    public static ReadOnlySpan<byte> Forwardable(in PublishView publish)
    {
        const int aliasBytes = 3; // identifier and Two Byte Integer
        if (publish.TopicAlias == 0)
            return publish.Properties;
        _ = TryFind(PropertyId.TopicAlias, publish.Properties, out _, out int end);
        return (byte[])[.. publish.Properties[..(end - aliasBytes)], .. publish.Properties[end..]];
    }

    /// <summary>What of a PUBLISH from an upstream goes on: all but the Subscription Identifiers, which are of the gateway's own subscriptions there.</summary>
    public static ReadOnlySpan<byte> WithoutIdentifiers(in PublishView publish)
    {
        if (!publish.PropertiesPresent.Contains(PropertyId.SubscriptionIdentifier))
            return publish.Properties;
        List<byte> kept = [];
        PropertyReader reader = new(publish.Properties);
        ReadOnlySpan<byte> before = publish.Properties;
        while (reader.TryRead(out PropertyId id, out _, out _, out _))
        {
            if (id != PropertyId.SubscriptionIdentifier)
                kept.AddRange(before[..^reader.Rest.Length]);
            before = reader.Rest;
        }

        return kept.ToArray();
    }

    /// <summary>Whether one of the Subscription Identifiers is this, or there is none at all.</summary>
    public static bool IsForSubscription(in PublishView publish, uint identifier)
    {
        if (!publish.PropertiesPresent.Contains(PropertyId.SubscriptionIdentifier))
            return true;
        PropertyReader reader = new(publish.Properties);
        while (reader.TryRead(out PropertyId id, out uint number, out _, out _))
            if (id == PropertyId.SubscriptionIdentifier && number == identifier)
                return true;
        return false;
    }

    /// <summary>The message expiry interval; null when the message does not expire.</summary>
    public static uint? ExpirySeconds(ReadOnlySpan<byte> properties) =>
        TryFind(PropertyId.MessageExpiryInterval, properties, out uint seconds, out _) ? seconds : null;

    /// <summary>The properties of a message that waited, with what is left of its expiry interval [MQTT-3.3.2-6].</summary>
    public static ReadOnlySpan<byte> Aged(Message message, long nowMs)
    {
        if (message.Properties.Length == 0 || message.ExpiresMs == long.MaxValue)
            return message.Properties;
        return TryFind(PropertyId.MessageExpiryInterval, message.Properties, out _, out int end)
            ? Age(message.Properties.ToArray(), end, message.ExpiresMs - nowMs)
            : message.Properties;
    }

    /// <summary>The properties of a message for a gateway, which has to know what is left of its time, whoever has limited it: an interval that is not there is added.</summary>
    public static ReadOnlySpan<byte> WithTimeLeft(ReadOnlySpan<byte> properties, long expiresMs, long nowMs)
    {
        if (expiresMs == long.MaxValue)
            return properties;
        if (TryFind(PropertyId.MessageExpiryInterval, properties, out _, out int end))
            return Age(properties.ToArray(), end, expiresMs - nowMs);
        byte[] added = [.. properties, (byte)PropertyId.MessageExpiryInterval, 0, 0, 0, 0];
        return Age(added, added.Length, expiresMs - nowMs);
    }

    /// <summary>What belongs to one subscriber and goes before the others: a topic alias, and the identifiers of all subscriptions that matched [MQTT-3.3.4-3].</summary>
    /// <param name="scratch">Where the result lies, until it is used again.</param>
    /// <param name="alias">0 for none.</param>
    /// <param name="identifiers">Null for none.</param>
    public static ReadOnlySpan<byte> OfSubscriber(PropertyWriter scratch, ushort alias, uint[]? identifiers)
    {
        scratch.Clear();
        if (alias != 0)
            scratch.Add(PropertyId.TopicAlias, alias);
        foreach (uint identifier in identifiers ?? [])
            scratch.Add(PropertyId.SubscriptionIdentifier, identifier);
        return scratch.Written;
    }

    // Never 0: that would say that it has expired, and it goes all the same.
    private static byte[] Age(byte[] properties, int end, long leftMs)
    {
        BinaryPrimitives.WriteUInt32BigEndian(properties.AsSpan(end - sizeof(uint)), (uint)Math.Clamp((leftMs + 999) / 1000, 1, uint.MaxValue));
        return properties;
    }

    private static bool TryFind(PropertyId wanted, ReadOnlySpan<byte> properties, out uint value, out int end)
    {
        PropertyReader reader = new(properties);
        while (reader.TryRead(out PropertyId id, out value, out _, out _))
        {
            end = properties.Length - reader.Rest.Length;
            if (id == wanted)
                return true;
        }

        value = 0;
        end = 0;
        return false;
    }
}
