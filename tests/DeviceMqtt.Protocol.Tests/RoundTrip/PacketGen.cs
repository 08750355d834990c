using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Generates sound packets of every type for a version: what may be sent, all of it.</summary>
internal static class PacketGen
{
    public static Gen<object> Any(ProtocolVersion version)
    {
        Gen<object>[] all =
        [
            Connect(version), ConnAck(version), Publish(version), Ack(version), Subscribe(version), SubAck(version), Unsubscribe(version),
            UnsubAck(version), Disconnect(version), Ping,
        ];
        return version == ProtocolVersion.V5 ? Gen.OneOf([.. all, Auth]) : Gen.OneOf(all);
    }

    private static Gen<object> Ping => Gen.Elements<object>(PacketType.PingReq, PacketType.PingResp);

    private static Gen<object> Connect(ProtocolVersion version) =>
        from clientId in ValueGen.Text
        from cleanStart in ValueGen.Bool
        from isBridge in ValueGen.Bool
        from keepAlive in ValueGen.UInt16
        from userName in ValueGen.OrNull(ValueGen.Text)
        from password in ValueGen.OrNull(ValueGen.Binary)
        from will in ValueGen.OrNull(Will(version))
        from properties in version == ProtocolVersion.V5 ? PropertyGen.Connect : Gen.Constant(ConnectProperties.Default)
        select (object)new ConnectPacket
        {
            Version = version,
            ClientId = clientId,
            CleanStart = cleanStart,
            IsBridge = isBridge && version != ProtocolVersion.V5,
            KeepAliveSeconds = keepAlive,
            UserName = userName,
            Password = userName is null && version == ProtocolVersion.V311 ? null : password,
            Will = will,
            Properties = properties,
        };

    private static Gen<WillMessage> Will(ProtocolVersion version) =>
        from topic in ValueGen.Topic
        from payload in ValueGen.Binary
        from qos in ValueGen.QoS
        from retain in ValueGen.Bool
        from properties in version == ProtocolVersion.V5 ? PropertyGen.Will : Gen.Constant(WillProperties.Default)
        select new WillMessage { Topic = topic, Payload = payload, QoS = qos, Retain = retain, Properties = properties };

    private static Gen<object> ConnAck(ProtocolVersion version) =>
        from sessionPresent in ValueGen.Bool
        from code in version == ProtocolVersion.V5
            ? Gen.Elements<byte>(0x00, 0x80, 0x85, 0x86, 0x87, 0x9F)
            : Gen.Elements<byte>(0, 1, 2, 3, 4, 5)
        from properties in PropertyGen.ConnAck
        select (object)new ConnAckPacket
        {
            SessionPresent = sessionPresent && code == 0 && version != ProtocolVersion.V31,
            Code = code,
            Properties = version == ProtocolVersion.V5 ? properties : null,
        };

    private static Gen<object> Publish(ProtocolVersion version) =>
        from qos in ValueGen.QoS
        from dup in ValueGen.Bool
        from retain in ValueGen.Bool
        from packetId in ValueGen.PacketId
        from topic in ValueGen.Topic
        from topicLeftOut in ValueGen.Bool
        from payload in ValueGen.Binary
        from properties in version == ProtocolVersion.V5 ? PropertyGen.Publish : Gen.Constant(new PublishCopy())
        select (object)(properties with
        {
            Dup = dup && qos != QoS.AtMostOnce,
            QoS = qos,
            Retain = retain,
            PacketId = qos == QoS.AtMostOnce ? (ushort)0 : packetId,
            TopicName = topicLeftOut && properties.TopicAlias != 0 ? [] : System.Text.Encoding.UTF8.GetBytes(topic),
            Payload = payload,
        });

    private static Gen<object> Ack(ProtocolVersion version) =>
        from type in Gen.Elements(PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp)
        from packetId in ValueGen.PacketId
        from code in type is PacketType.PubAck or PacketType.PubRec
            ? Gen.Elements(ReasonCode.Success, ReasonCode.NoMatchingSubscribers, ReasonCode.QuotaExceeded)
            : Gen.Elements(ReasonCode.Success, ReasonCode.PacketIdentifierNotFound)
        from properties in PropertyGen.ReasonStringAndUserProperties
        select (object)(version == ProtocolVersion.V5
            ? new AckCopy(type, packetId, code, properties)
            : new AckCopy(type, packetId, ReasonCode.Success, []));

    private static Gen<object> Subscribe(ProtocolVersion version) =>
        from packetId in ValueGen.PacketId
        from requests in ValueGen.ListOf(Request(version))
        from identifier in Gen.Choose(0, VariableByteInteger.Max)
        from userProperties in ValueGen.UserProperties
        select (object)new SubscribePacket
        {
            PacketId = packetId,
            Requests = requests,
            SubscriptionIdentifier = version == ProtocolVersion.V5 ? (uint)identifier : 0,
            UserProperties = version == ProtocolVersion.V5 ? userProperties : [],
        };

    private static Gen<SubscriptionRequest> Request(ProtocolVersion version) =>
        from filter in ValueGen.Filter
        from qos in ValueGen.QoS
        from noLocal in ValueGen.Bool
        from retainAsPublished in ValueGen.Bool
        from handling in Gen.Elements(Enum.GetValues<RetainHandling>())
        select version == ProtocolVersion.V5
            ? new SubscriptionRequest(filter, qos, noLocal && !filter.IsShared, retainAsPublished, handling)
            : new SubscriptionRequest(filter, qos);

    private static Gen<object> SubAck(ProtocolVersion version) =>
        from packetId in ValueGen.PacketId
        from codes in ValueGen.ListOf(version == ProtocolVersion.V5
            ? Gen.Elements(ReasonCode.Success, ReasonCode.GrantedQoS2, ReasonCode.NotAuthorized)
            : Gen.Elements(ReasonCode.Success, ReasonCode.GrantedQoS1, ReasonCode.UnspecifiedError))
        from reasonString in ValueGen.OrNull(ValueGen.Text)
        from userProperties in ValueGen.UserProperties
        select (object)new SubAckPacket
        {
            PacketId = packetId,
            ReasonCodes = codes,
            ReasonString = version == ProtocolVersion.V5 ? reasonString : null,
            UserProperties = version == ProtocolVersion.V5 ? userProperties : [],
        };

    private static Gen<object> Unsubscribe(ProtocolVersion version) =>
        from packetId in ValueGen.PacketId
        from filters in ValueGen.ListOf(ValueGen.Filter)
        from userProperties in ValueGen.UserProperties
        select (object)new UnsubscribePacket
        {
            PacketId = packetId,
            Filters = filters,
            UserProperties = version == ProtocolVersion.V5 ? userProperties : [],
        };

    private static Gen<object> UnsubAck(ProtocolVersion version) =>
        from packetId in ValueGen.PacketId
        from codes in ValueGen.ListOf(Gen.Elements(ReasonCode.Success, ReasonCode.NoSubscriptionExisted, ReasonCode.NotAuthorized))
        from reasonString in ValueGen.OrNull(ValueGen.Text)
        from userProperties in ValueGen.UserProperties
        select (object)(version == ProtocolVersion.V5
            ? new UnsubAckPacket { PacketId = packetId, ReasonCodes = codes, ReasonString = reasonString, UserProperties = userProperties }
            : new UnsubAckPacket { PacketId = packetId });

    private static Gen<object> Disconnect(ProtocolVersion version) =>
        from code in Gen.Elements(ReasonCode.Success, ReasonCode.DisconnectWithWillMessage, ReasonCode.SessionTakenOver, ReasonCode.ServerMoved)
        from sessionExpiry in ValueGen.UInt32OrNull
        from reasonString in ValueGen.OrNull(ValueGen.Text)
        from serverReference in ValueGen.OrNull(ValueGen.Text)
        from userProperties in ValueGen.UserProperties
        select (object)(version != ProtocolVersion.V5
            ? new DisconnectPacket()
            : new DisconnectPacket
            {
                ReasonCode = code,
                SessionExpirySeconds = sessionExpiry,
                ReasonString = reasonString,
                ServerReference = serverReference,
                UserProperties = userProperties,
            });

    private static Gen<object> Auth =>
        from code in Gen.Elements(ReasonCode.Success, ReasonCode.ContinueAuthentication, ReasonCode.Reauthenticate)
        from method in ValueGen.Text
        from data in ValueGen.OrNull(ValueGen.Binary)
        from reasonString in ValueGen.OrNull(ValueGen.Text)
        from userProperties in ValueGen.UserProperties
        select (object)new AuthPacket
        {
            ReasonCode = code,
            AuthenticationMethod = method,
            AuthenticationData = data,
            ReasonString = reasonString,
            UserProperties = userProperties,
        };
}
