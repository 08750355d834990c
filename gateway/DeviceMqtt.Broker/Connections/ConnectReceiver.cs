using System.Buffers;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// CONNECT: section 3.1. Accepts with CONNACK, or refuses with CONNACK and closes, or has it wait: for a login that takes longer
/// than a turn may, or for what the connection before had sent (<see cref="TakeOvers"/>).
/// </summary>
internal sealed class ConnectReceiver(BrokerState broker, GroupPolicies policies, TakeOvers takeOvers, RichConnections rich)
{
    private const int OwedPart = 2; // of what is left of the time that a CONNECT has (ConnectSecondsMax). Chosen: a client takes that for a slow network

    private long _lastNumber;

    public TakeOvers TakeOvers => takeOvers;

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
        connection.Says = (clientId, packet.UserName);
        if (ClientIdRules.Check(clientId, broker.Limits.ClientIdBytesMax) is { } wrong)
        {
            Refuse(connection, ConnectReturnCode.IdentifierRejected, ReasonCode.ClientIdentifierNotValid, CloseReason.ClientIdRejected, wrong);
            return;
        }

        HeldConnect connect = new(packet, clientId, assigned, ++_lastNumber, (int)frame.Packet.Length) { Admission = broker.Access.Admit(packet, connection.Remote) };
        if (connect.Admission.Later is { } login)
            HoldFor(connection, connect, login);
        else
            Admit(connection, connect, hasWaited: false);
    }

    /// <summary>Goes on with a CONNECT that was held, and whose waiting is over.</summary>
    public void GoOn(MqttConnection connection)
    {
        HeldConnect connect = connection.TakeHeld();
        if (connect.Login is { } login)
        {
            connect.Login = null;
            // A fault of the rules ends this connection, as any other fault does.
            connect.Admission = login.GetAwaiter().GetResult();
        }

        Admit(connection, connect, hasWaited: true);
    }

    /// <summary>A connection has ended: whoever waits for it goes on, and what it waited for is forgotten.</summary>
    public void Ended(MqttConnection connection)
    {
        takeOvers.Ended(connection);
    }

    private void HoldFor(MqttConnection connection, HeldConnect connect, Task<Admission> login)
    {
        if (!TryTakeMemory(connection, connect, "its login waits"))
            return;
        connect.Login = login;
        connection.Hold(connect);
        _ = login.ContinueWith(_ => GoOnWithLogin(connection), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    // What was done for it is paid before more is, also where each piece came on a connection of its own.
    private bool TryHoldForTime(MqttConnection connection, HeldConnect connect, Owner owner)
    {
        if (connect.WaitsForTime || owner.OwesMs(broker.Turn.MonotonicUs()) is not (> 0 and int owedMs))
            return false;
        connect.WaitsForTime = true;
        long leftMs = connection.LastReceivedMs + (broker.Limits.ConnectSecondsMax * 1000L) - broker.Turn.NowMs;
        if (!TryTakeMemory(connection, connect, "its user has to wait"))
            return true;
        connection.Hold(connect);
        Once.After(broker.Turn.Time, Math.Clamp(owedMs, 1, Math.Max(1, leftMs / OwedPart)), () => GoOnWithLogin(connection));
        return true;
    }

    // Refuses it where there is none.
    private bool TryTakeMemory(MqttConnection connection, HeldConnect connect, string why)
    {
        int bytes = connect.MemoryBytes;
        if (connection.Memory.TryTake(bytes) || (rich.TryMakeRoom(connection.Owner, bytes) && connection.Memory.TryTake(bytes)))
            return true;
        RefuseForNow(connection, $"its CONNECT, while {why}: {broker.Owners.WhyNoMemory(connection.Owner, bytes, connection.Memory)}");
        return false;
    }

    private void GoOnWithLogin(MqttConnection connection)
    {
        using Turn.Scope scope = broker.Turn.Enter();
        connection.GoOn();
    }

    private void Admit(MqttConnection connection, HeldConnect connect, bool hasWaited)
    {
        ConnectPacket packet = connect.Packet;
        string clientId = connect.ClientId;
        Admission admission = connect.Admission;
        if (admission.Refusal is { } denied)
        {
            if (admission.IsForNow)
                RefuseForNow(connection, denied);
            else
                Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized, CloseReason.NotAuthorized, denied, admission.LogOnly);
            return;
        }

        // To ask costs a look at the disk, and of one that has not waited it was answered just now.
        if (hasWaited && admission.Rights is { IsCurrent: false })
        {
            RefuseForNow(connection, "its user was changed while the CONNECT waited");
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
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized, CloseReason.NotAuthorized, $"the Will is a P2P message to '{target}', and a device may not command devices");
            return;
        }

        // Now, as nobody could be told when it is published; and once more then, for much may have changed.
        if (packet.Will is { } last && admission.Rights is { } rights && !rights.MayPublish(last.Topic))
        {
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized, CloseReason.NotAuthorized, $"it may not publish its Will to {last.Topic}");
            return;
        }

        Session? before = broker.Sessions.Find(clientId);
        if (!admission.OwnsClientId && WhoHas(clientId, before, admission.User) is { } other)
        {
            Refuse(connection, ConnectReturnCode.NotAuthorized, ReasonCode.NotAuthorized, CloseReason.NotAuthorized, "another user has this Client Identifier", $"{other}, and this is {NameOf(admission)}");
            return;
        }

        Owner owner = broker.Owners.Of(admission.UserName, connection.Remote, admission.Role);
        if (TryHoldForTime(connection, connect, owner))
            return;
        if (WhatHasNoRoom(connection, connect, owner, before) is { } full)
        {
            Refuse(connection, ConnectReturnCode.ServerUnavailable, ReasonCode.QuotaExceeded, CloseReason.QuotaExceeded, full);
            return;
        }

        SessionTerms terms = SessionTerms.For(packet, policies.Find(clientId), broker.Limits);
        if (before is null && terms.ExpirySeconds > 0 && broker.Custody.IsFull)
        {
            RefuseForRoom(connection);
            return;
        }

        if (before?.Connection is MqttConnection { IsOpen: true } old && IsHeldFor(connection, connect, old))
            return;
        Accept(connection, connect, terms, owner);
    }

    // Another user that is still there, and has something under this Client Identifier that this one would get; null for none.
    private string? WhoHas(string clientId, Session? before, UserIdentity user) =>
        before is not null && before.IsOfOther(user) && !broker.IsGone(clientId, before.User) ? $"user '{before.UserName}' has its Session"
        : broker.Mailboxes.HolderOf(clientId) is var holder && holder.IsOther(user) && !broker.IsGone(clientId, holder) ? $"messages wait for user '{holder.Name}'" : null;

    // Asked again where the CONNECT had to wait; a take-over ends a connection, which may be another owner's.
    private string? WhatHasNoRoom(MqttConnection connection, HeldConnect connect, Owner owner, Session? before)
    {
        GatewayLimits limits = broker.Limits;
        if (before?.Connection is null && !owner[Good.Connections].HasRoomFor(1))
            return owner[Good.Connections].Left < 1
                ? $"{owner.Name} has {owner[Good.Connections].Used} connections, its share of Limits:ConnectionsMax (Limits:SharePercentMax)"
                : $"{broker.Owners[Good.Connections].Used} clients are connected, Limits:ConnectionsMax is {limits.ConnectionsMax}, and the last tenth is for users that have less than {owner.Name}";
        if (before is null && !owner[Good.Sessions].HasRoomFor(1))
            return owner[Good.Sessions].Left < 1
                ? $"{owner.Name} has {owner[Good.Sessions].Used} Sessions, its share of Limits:SessionsMax (Limits:SharePercentMax)"
                : $"there are {broker.Owners[Good.Sessions].Used} Sessions, Limits:SessionsMax is {limits.SessionsMax}, and the last tenth is for users that have less than {owner.Name}";
        int will = connect.Packet.Will is { } message ? SessionHoldings.CostOf(message) : 0;
        if (will > limits.ConnectionMemoryBytesMax)
            return $"its Will takes {will} bytes of memory (Limits:ConnectionMemoryBytesMax)";
        long bytes = will + connection.Memory.Used + (before is null ? MemoryCost.Session(connect.ClientId) : 0);
        if (!rich.TryMakeRoom(owner, bytes))
            return $"its connection, Session and Will: {broker.Owners.WhyNoMemory(owner, bytes)}";
        return null;
    }

    private bool IsHeldFor(MqttConnection connection, HeldConnect connect, MqttConnection old)
    {
        if (old.ConnectNumber < connect.Number)
        {
            if (!takeOvers.HasToHold(connection, connect))
                return false;
            if (TryTakeMemory(connection, connect, "the connection before is read"))
                takeOvers.Hold(connection, connect, old);
            return true;
        }

        // Its login took longer than that of a newer one.
        TakeOvers.CloseFor(connection);
        return true;
    }

    private void Accept(MqttConnection connection, HeldConnect connect, SessionTerms terms, Owner owner)
    {
        (ConnectPacket packet, string clientId, bool assigned) = (connect.Packet, connect.ClientId, connect.IsAssigned);
        ConnAckProperties? told = packet.Version == ProtocolVersion.V5 ? Tell(packet, terms, assigned ? clientId : null, connect.Admission.Role) : null;
        if (!CanTake(connection, told))
            return;
        TakeOver(connection, clientId);
        // The Will of the connection before finds room or not: that is not this client's to wait for.
        Kept kept = broker.Sessions.Open(packet, clientId, connect.Admission, owner, out Session session, out bool isPresent);
        if (kept.IsNoRoom)
        {
            RefuseForRoom(connection);
            return;
        }

        session.Attach(connection, terms);
        kept = kept.And(broker.Sessions.Keep(session, packet.Will));
        if (kept.IsNoRoom)
        {
            broker.Sessions.Abandon(session);
            RefuseForRoom(connection);
            return;
        }

        if (session.TellsToForget)
        {
            session.ForgetAllInbound();
            isPresent = false;
        }

        connection.Memory.Move(owner[Good.Memory]);
        connection.Accepted(owner);
        connection.Session = session;
        connection.Says = null;
        connection.ConnectNumber = connect.Number;
        connection.KeepAliveMs = terms.KeepAliveSeconds * 1500L; // one and a half times [MQTT-3.1.2-24]
        connection.WantsProblemInformation = packet.Properties.RequestProblemInformation;
        connection.Output.Backlog = session;
        if (terms.OutboundAliasMax > 0)
            connection.OutboundAliases = new OutboundAliases(terms.OutboundAliasMax, connection.Memory);

        SendConnAck(connection, kept, new ConnAckPacket { SessionPresent = isPresent && packet.Version != ProtocolVersion.V31, Code = 0, Properties = told });
        broker.Counters.ClientsConnected++;
        broker.Events.ClientConnected(connection.Id, clientId, packet.Version, isPresent, terms.KeepAliveSeconds);
        broker.Events.ClientLetIn(connection.Id, clientId, session.UserName, connect.Admission.Role, connection.Remote);
        if (session.SaysItIsABridge && !session.IsBridge)
            broker.Events.BridgeNotAllowed(connection.Name);
        broker.Sessions.Welcome(session, isDevice: !assigned, connection.Id, connection.Remote);
    }

    private static void SendConnAck(MqttConnection connection, Kept kept, ConnAckPacket accepted)
    {
        connection.Output.WaitFor(kept);
        accepted.Write(connection.Output, connection.Version);
    }

    private static string NameOf(in Admission admission) => admission.UserName is { } name ? $"user '{name}'" : "a client without a user";

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

    // The older connection ends, and its Will is out, before the new CONNACK leaves (DESIGN: presence rules). One with a delay waits for it, and is not sent
    // when the same Session goes on [MQTT-3.1.3-9].
    private void TakeOver(MqttConnection connection, string clientId)
    {
        if (broker.Sessions.Find(clientId) is not { Connection: MqttConnection old } session)
            return;
        takeOvers.Count(clientId, old, connection);
        TakeOvers.CloseFor(old, ReasonCode.SessionTakenOver);
        // It may have ended for another reason already, and only not been settled yet: after a DISCONNECT there is no Will.
        broker.Sessions.Leave(session, old.CloseReason);
    }

    // 5.0 section 3.2.2.3: what differs from the defaults of the specification or from what the client asked for.
    private ConnAckProperties Tell(ConnectPacket packet, SessionTerms terms, string? assignedClientId, ClientRole role)
    {
        GatewayLimits limits = broker.Limits;
        return new ConnAckProperties
        {
            SessionExpirySeconds = terms.ExpirySeconds != (packet.Properties.SessionExpirySeconds ?? 0) ? terms.ExpirySeconds : null,
            ReceiveMaximum = (ushort)limits.ReceiveMaximum,
            MaximumPacketSize = (uint)limits.PacketBytesMax,
            TopicAliasMaximum = (ushort)limits.TopicAliasMaximum,
            AssignedClientId = assignedClientId,
            UserProperties = role == ClientRole.Bridge && BridgeMark.IsIn(packet) ? [DeviceMark.Understood] : [],
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

    // It may come again: nothing is wrong with it.
    private static void RefuseForNow(MqttConnection connection, string detail) =>
        Refuse(connection, ConnectReturnCode.ServerUnavailable, ReasonCode.ServerBusy, CloseReason.QuotaExceeded, detail);

    private static void RefuseForRoom(MqttConnection connection) =>
        Refuse(connection, ConnectReturnCode.ServerUnavailable, ReasonCode.QuotaExceeded, CloseReason.QuotaExceeded, "no room in the journal for its Session");

    private static void Refuse(MqttConnection connection, ConnectReturnCode code3, ReasonCode code5, CloseReason reason, string detail, string? logDetail = null)
    {
        bool isV5 = connection.Version == ProtocolVersion.V5;
        byte code = isV5 ? (byte)code5 : (byte)code3;
        ConnAckPacket told = new() { Code = code, Properties = isV5 ? new ConnAckProperties { ReasonString = ReasonText.Of(detail) } : null };
        // The Reason String stays away when the packet would be too large with it [MQTT-3.2.2-19].
        if (!connection.TryWrite(w => told.Write(w, connection.Version)))
        {
            ConnAckPacket brief = new() { Code = code };
            _ = connection.TryWrite(w => brief.Write(w, connection.Version));
        }

        connection.Close(reason, logDetail ?? detail);
    }
}
