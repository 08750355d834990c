using System.Buffers;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Connections;

/// <summary>CONNECT: section 3.1. Accepts with CONNACK, or refuses with CONNACK and closes.</summary>
internal sealed class ConnectReceiver(BrokerState broker, GroupPolicies policies)
{
    public void Receive(MqttConnection connection, in Frame frame)
    {
        if (!ConnectPacket.TryDecode(frame, out ConnectPacket? packet, out MalformedReason reason))
        {
            RefuseMalformed(connection, frame, reason);
            return;
        }

        connection.Version = packet.Version;
        connection.PacketBytesMax = packet.Properties.MaximumPacketSize ?? uint.MaxValue;
        if (packet.Properties.AuthenticationMethod is { } method)
        {
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.BadAuthenticationMethod, CloseReason.BadAuthenticationMethod, $"an authentication method of {method.Length} characters; none is supported");
            return;
        }

        string clientId = packet.ClientId;
        bool assigned = clientId.Length == 0 && (packet.CleanStart || packet.Version == ProtocolVersion.V5);
        if (assigned)
            clientId = ClientIdRules.Assign();
        if (ClientIdRules.Check(clientId, broker.Limits.ClientIdBytesMax) is { } wrong)
        {
            Refuse(connection, ConnectReturnCode.IdentifierRejected, ReasonCode.ClientIdentifierNotValid, CloseReason.ClientIdRejected, wrong);
            return;
        }

        Admission admission = broker.Access.Admit(packet, connection.Remote);
        if (admission.Refusal is { } denied)
        {
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized, CloseReason.NotAuthorized, $"client '{clientId}': {denied}");
            return;
        }

        // Wills get into the topic tree, whose recursion this bounds.
        if (packet.Will is { } will && will.Topic.AsSpan().Count('/') >= broker.Limits.TopicLevelsMax)
        {
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.TopicNameInvalid, CloseReason.TopicNameInvalid, $"the Will has a topic of more than {broker.Limits.TopicLevelsMax} levels");
            return;
        }

        if (packet.Will is { } command && P2PTopic.TryParse(command.Topic, out _, out string target) && !broker.Authority.Allows(admission.Role, clientId, target))
        {
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized, CloseReason.NotAuthorized, $"client '{clientId}': the Will is a P2P message to '{target}', and a device may not command devices");
            return;
        }

        // Now, as nobody could be told when it is published.
        if (packet.Will is { } last && !broker.Access.MayPublish(clientId, admission.Role, last.Topic))
        {
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized, CloseReason.NotAuthorized, $"client '{clientId}': it may not publish its Will to {last.Topic}");
            return;
        }

        if (broker.Sessions.IsFull && broker.Sessions.Find(clientId) is null)
        {
            Refuse(connection, ConnectReturnCode.ServerUnavailable, ReasonCode.QuotaExceeded, CloseReason.QuotaExceeded, $"Limits:SessionsMax of {broker.Limits.SessionsMax} reached");
            return;
        }

        SessionTerms terms = SessionTerms.For(packet, policies.Find(clientId), broker.Limits);
        if (terms.ExpirySeconds > 0 && broker.Custody.IsFull && broker.Sessions.Find(clientId) is null)
        {
            Refuse(connection, ConnectReturnCode.ServerUnavailable, ReasonCode.QuotaExceeded, CloseReason.QuotaExceeded, "no room in the journal for another Session");
            return;
        }

        Accept(connection, packet, clientId, admission.Role, assigned, terms);
    }

    private void Accept(MqttConnection connection, ConnectPacket packet, string clientId, ClientRole role, bool assigned, SessionTerms terms)
    {
        ConnAckProperties? told = packet.Version == ProtocolVersion.V5 ? Tell(packet, terms, assigned ? clientId : null) : null;
        if (!CanTake(connection, told))
            return;
        TakeOver(clientId, packet);
        Session session = broker.Sessions.Open(packet, clientId, role, out bool isPresent);
        session.Attach(connection, terms);
        session.Keep();
        connection.Session = session;
        connection.KeepAliveMs = terms.KeepAliveSeconds * 1500L; // one and a half times [MQTT-3.1.2-24]
        connection.WantsProblemInformation = packet.Properties.RequestProblemInformation;
        connection.Output.Backlog = session;
        if (terms.OutboundAliasMax > 0)
            connection.OutboundAliases = new OutboundAliases(terms.OutboundAliasMax);

        connection.Output.WaitForRequired();
        new ConnAckPacket
        {
            SessionPresent = isPresent && packet.Version != ProtocolVersion.V31,
            Code = 0,
            Properties = told,
        }.Write(connection.Output, packet.Version);
        broker.Counters.ClientsConnected++;
        broker.Events.ClientConnected(connection.Id, clientId, packet.Version, isPresent, terms.KeepAliveSeconds);
        if (session.SaysItIsABridge && !session.IsBridge)
            broker.Events.BridgeNotAllowed(clientId);
        broker.Sessions.Welcome(session, isDevice: !assigned);
    }

    // [MQTT-3.1.2-24]: no packet is sent that is larger than the client takes; without a CONNACK there is no connection.
    private static bool CanTake(MqttConnection connection, ConnAckProperties? told)
    {
        if (connection.PacketBytesMax == uint.MaxValue)
            return true;
        ArrayBufferWriter<byte> connAck = new();
        new ConnAckPacket { Properties = told }.Write(connAck, connection.Version);
        if (connAck.WrittenCount <= connection.PacketBytesMax)
            return true;
        connection.Close(CloseReason.PacketTooLarge, $"the CONNACK has {connAck.WrittenCount} bytes, the client takes {connection.PacketBytesMax}");
        return false;
    }

    // The older connection ends, and its Will is out, before the new CONNACK leaves (DESIGN: presence rules).
    private void TakeOver(string clientId, ConnectPacket packet)
    {
        if (broker.Sessions.Find(clientId) is not { Connection: { } old } session)
            return;
        // [MQTT-3.1.3-9]: a Will with a delay is not sent when the same session goes on.
        if (!packet.CleanStart && session.IsDurable && session.Will is { Message.Properties.DelaySeconds: > 0 })
            session.Will = null;
        old.Close(CloseReason.SessionTakenOver, "a newer connection has the same Client Identifier", ReasonCode.SessionTakenOver);
        // It may have ended for another reason already, and only not been settled yet: after a DISCONNECT there is no Will.
        broker.Sessions.Leave(session, old.CloseReason);
    }

    // 5.0 section 3.2.2.3: what differs from the defaults of the specification or from what the client asked for.
    private ConnAckProperties Tell(ConnectPacket packet, SessionTerms terms, string? assignedClientId)
    {
        GatewayLimits limits = broker.Limits;
        return new ConnAckProperties
        {
            SessionExpirySeconds = terms.ExpirySeconds != (packet.Properties.SessionExpirySeconds ?? 0) ? terms.ExpirySeconds : null,
            ReceiveMaximum = (ushort)limits.ReceiveMaximum,
            MaximumPacketSize = (uint)limits.PacketBytesMax,
            TopicAliasMaximum = (ushort)limits.TopicAliasMaximum,
            AssignedClientId = assignedClientId,
            ServerKeepAliveSeconds = terms.KeepAliveSeconds != packet.KeepAliveSeconds ? (ushort)terms.KeepAliveSeconds : null,
        };
    }

    private static void RefuseMalformed(MqttConnection connection, in Frame frame, MalformedReason reason)
    {
        if (reason == MalformedReason.ProtocolLevelUnsupported)
        {
            // [MQTT-3.1.2-2]: told in the form of 3.1.1, the one that every client can read.
            Refuse(connection, ConnectReturnCode.UnacceptableProtocolVersion, ReasonCode.UnsupportedProtocolVersion, CloseReason.UnsupportedProtocolVersion, reason.ToText());
            return;
        }

        string detail = reason == MalformedReason.NanoFrameworkWillDefect
            ? "the CONNECT with a Will of nanoFramework.M2Mqtt as it was from 2024-04 to 2026-03; upgrade the package nanoFramework.M2Mqtt to 5.1.220 or later"
            : reason.ToText();
        detail = $"{frame.Type}: {detail}";
        // 3.x has no code for it; a 5.0 client is told before the connection ends (section 4.13.1).
        if (ConnectPacket.TryReadProtocolLevel(frame, out byte level) && level == (byte)ProtocolVersion.V5)
        {
            connection.Version = ProtocolVersion.V5;
            Refuse(connection, ConnectReturnCode.ServerUnavailable, reason.ToReasonCode(), CloseReason.MalformedPacket, detail);
            return;
        }

        connection.Close(CloseReason.MalformedPacket, detail);
    }

    private static void Refuse(MqttConnection connection, ConnectReturnCode code3, ReasonCode code5, CloseReason reason, string detail)
    {
        bool isV5 = connection.Version == ProtocolVersion.V5;
        byte code = isV5 ? (byte)code5 : (byte)code3;
        ConnAckPacket told = new() { Code = code, Properties = isV5 ? new ConnAckProperties { ReasonString = detail } : null };
        // The Reason String stays away when the packet would be too large with it [MQTT-3.2.2-19].
        if (!connection.TryWrite(w => told.Write(w, connection.Version)))
        {
            ConnAckPacket brief = new() { Code = code };
            _ = connection.TryWrite(w => brief.Write(w, connection.Version));
        }

        connection.Close(reason, detail);
    }
}
