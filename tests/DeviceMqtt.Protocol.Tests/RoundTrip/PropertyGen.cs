using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Generates sound properties of 5.0 for each packet.</summary>
internal static class PropertyGen
{
    public static Gen<ConnectProperties> Connect =>
        from sessionExpiry in ValueGen.UInt32OrNull
        from receiveMaximum in ValueGen.PacketId
        from maximumPacketSize in ValueGen.UInt32OrNull
        from topicAliasMaximum in ValueGen.UInt16
        from response in ValueGen.Bool
        from problem in ValueGen.Bool
        from userProperties in ValueGen.UserProperties
        from method in ValueGen.OrNull(ValueGen.Text)
        from data in ValueGen.OrNull(ValueGen.Binary)
        select new ConnectProperties
        {
            SessionExpirySeconds = sessionExpiry,
            ReceiveMaximum = receiveMaximum,
            MaximumPacketSize = maximumPacketSize == 0 ? null : maximumPacketSize,
            TopicAliasMaximum = topicAliasMaximum,
            RequestResponseInformation = response,
            RequestProblemInformation = problem,
            UserProperties = userProperties,
            AuthenticationMethod = method,
            AuthenticationData = method is null ? null : data,
        };

    public static Gen<ConnAckProperties> ConnAck =>
        from sessionExpiry in ValueGen.UInt32OrNull
        from receiveMaximum in ValueGen.PacketId
        from maximumQoS in Gen.Elements(Enum.GetValues<QoS>())
        from flags in Gen.Choose(0, 15)
        from maximumPacketSize in ValueGen.UInt32OrNull
        from clientId in ValueGen.OrNull(ValueGen.Text)
        from topicAliasMaximum in ValueGen.UInt16
        from texts in ValueGen.OrNull(ValueGen.Text).ListOf(3)
        from userProperties in ValueGen.UserProperties
        from keepAlive in ValueGen.UInt32OrNull
        from method in ValueGen.OrNull(ValueGen.Text)
        from data in ValueGen.OrNull(ValueGen.Binary)
        select new ConnAckProperties
        {
            SessionExpirySeconds = sessionExpiry,
            ReceiveMaximum = receiveMaximum,
            MaximumQoS = maximumQoS,
            RetainAvailable = (flags & 1) != 0,
            MaximumPacketSize = maximumPacketSize == 0 ? null : maximumPacketSize,
            AssignedClientId = clientId,
            TopicAliasMaximum = topicAliasMaximum,
            ReasonString = texts[0],
            UserProperties = userProperties,
            WildcardSubscriptionAvailable = (flags & 2) != 0,
            SubscriptionIdentifierAvailable = (flags & 4) != 0,
            SharedSubscriptionAvailable = (flags & 8) != 0,
            ServerKeepAliveSeconds = (ushort?)keepAlive,
            ResponseInformation = texts[1],
            ServerReference = texts[2],
            AuthenticationMethod = method,
            AuthenticationData = method is null ? null : data,
        };

    public static Gen<WillProperties> Will =>
        from delay in ValueGen.UInt32
        from publish in Message
        select new WillProperties { DelaySeconds = delay, PublishProperties = publish };

    /// <summary>A PUBLISH of which only the properties, and what is read out of them, are set.</summary>
    public static Gen<PublishCopy> Publish =>
        from message in Message
        from expiry in ValueGen.UInt32OrNull
        from alias in ValueGen.UInt16
        from identifiers in Gen.Choose(1, VariableByteInteger.Max).ListOf(2)
        from hasIdentifiers in ValueGen.Bool
        select Write(message, expiry, alias, hasIdentifiers ? identifiers : []);

    public static Gen<byte[]> ReasonStringAndUserProperties =>
        from reason in ValueGen.OrNull(ValueGen.Text)
        from userProperties in ValueGen.UserProperties
        select Write(writer =>
        {
            if (reason is not null)
                writer.Add(PropertyId.ReasonString, reason);
            foreach (UserProperty property in userProperties)
                writer.Add(property);
        });

    private static Gen<byte[]> Message =>
        from format in Gen.Choose(0, 2)
        from contentType in ValueGen.OrNull(ValueGen.Text)
        from responseTopic in ValueGen.OrNull(ValueGen.Topic)
        from correlation in ValueGen.OrNull(ValueGen.Binary)
        from userProperties in ValueGen.UserProperties
        select Write(writer =>
        {
            if (format < 2)
                writer.Add(PropertyId.PayloadFormatIndicator, (uint)format);
            if (contentType is not null)
                writer.Add(PropertyId.ContentType, contentType);
            if (responseTopic is not null)
                writer.Add(PropertyId.ResponseTopic, responseTopic);
            if (correlation is not null)
                writer.Add(PropertyId.CorrelationData, correlation.AsSpan());
            foreach (UserProperty property in userProperties)
                writer.Add(property);
        });

    private static PublishCopy Write(byte[] message, uint? expiry, ushort alias, IReadOnlyList<int> identifiers)
    {
        byte[] properties = Write(writer =>
        {
            if (expiry is { } seconds)
                writer.Add(PropertyId.MessageExpiryInterval, seconds);
            writer.AddEncoded(message);
            foreach (int identifier in identifiers)
                writer.Add(PropertyId.SubscriptionIdentifier, (uint)identifier);
            if (alias != 0)
                writer.Add(PropertyId.TopicAlias, alias);
        });
        return new PublishCopy { Properties = properties, TopicAlias = alias, MessageExpirySeconds = expiry };
    }

    private static byte[] Write(Action<PropertyWriter> write)
    {
        var writer = new PropertyWriter();
        write(writer);
        return writer.Written.ToArray();
    }
}
