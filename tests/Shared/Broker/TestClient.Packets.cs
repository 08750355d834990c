using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <content>The packets of MQTT, sent and received.</content>
internal sealed partial class TestClient
{
    public async Task<ConnAckPacket> ConnectAsync(
        string clientId, bool clean = true, ushort keepAliveSeconds = 0, WillMessage? will = null, ConnectProperties? properties = null, string? userName = null, string? password = null)
    {
        await SendConnectAsync(clientId, clean, keepAliveSeconds, will, properties, userName, password);
        return await ReceiveConnAckAsync();
    }

    public Task SendConnectAsync(
        string clientId, bool clean = true, ushort keepAliveSeconds = 0, WillMessage? will = null, ConnectProperties? properties = null, string? userName = null, string? password = null)
    {
        ConnectPacket packet = new()
        {
            Version = Version,
            ClientId = clientId,
            CleanStart = clean,
            KeepAliveSeconds = keepAliveSeconds,
            Will = will,
            UserName = userName,
            Password = password is null ? null : Utf8(password),
            Properties = properties ?? ConnectProperties.Default,
        };
        return SendAsync(packet.Write);
    }

    public async Task<ConnAckPacket> ReceiveConnAckAsync() =>
        (await ReceiveAsync()).As(PacketType.ConnAck, (in Frame f, out ConnAckPacket? p, out MalformedReason r) => ConnAckPacket.TryDecode(f, Version, out p, out r));

    /// <summary>Subscribes to one filter and returns what was granted.</summary>
    public async Task<ReasonCode> SubscribeAsync(
        string filter, QoS qos = QoS.AtMostOnce, uint identifier = 0, bool noLocal = false, bool retainAsPublished = false, RetainHandling retainHandling = RetainHandling.SendAtSubscribe)
    {
        Assert.IsTrue(TopicFilter.TryParse(filter, out TopicFilter parsed, out MalformedReason reason), $"{filter}: {reason}");
        return (await SubscribeAsync([new SubscriptionRequest(parsed, qos, noLocal, retainAsPublished, retainHandling)], identifier))[0];
    }

    public async Task<IReadOnlyList<ReasonCode>> SubscribeAsync(SubscriptionRequest[] requests, uint identifier = 0)
    {
        SubscribePacket packet = new() { PacketId = NextPacketId(), Requests = requests, SubscriptionIdentifier = identifier };
        await SendAsync(w => packet.Write(w, Version));
        SubAckPacket subAck = (await ReceiveAsync()).As(PacketType.SubAck, (in Frame f, out SubAckPacket? p, out MalformedReason r) => SubAckPacket.TryDecode(f, Version, out p, out r));
        Assert.AreEqual(packet.PacketId, subAck.PacketId);
        Assert.HasCount(requests.Length, subAck.ReasonCodes);
        return subAck.ReasonCodes;
    }

    /// <summary>Unsubscribes and returns the codes, which only 5.0 has.</summary>
    public async Task<IReadOnlyList<ReasonCode>> UnsubscribeAsync(params string[] filters)
    {
        UnsubscribePacket packet = new() { PacketId = NextPacketId(), Filters = [.. filters.Select(Filter)] };
        await SendAsync(w => packet.Write(w, Version));
        UnsubAckPacket unsubAck = (await ReceiveAsync()).As(PacketType.UnsubAck, (in Frame f, out UnsubAckPacket? p, out MalformedReason r) => UnsubAckPacket.TryDecode(f, Version, out p, out r));
        Assert.AreEqual(packet.PacketId, unsubAck.PacketId);
        return unsubAck.ReasonCodes;
    }

    /// <summary>Sends a PUBLISH and returns its Packet Identifier; a QoS 1 or 2 flow goes on with the test.</summary>
    public async Task<ushort> SendPublishAsync(
        string topic, string payload, QoS qos = QoS.AtMostOnce, bool retain = false, bool dup = false, ushort packetId = 0, Action<PropertyWriter>? properties = null)
    {
        if (qos != QoS.AtMostOnce && packetId == 0)
            packetId = NextPacketId();
        PropertyWriter writer = new();
        properties?.Invoke(writer);
        await SendAsync(w => PublishPacket.Write(w, Version, Utf8(topic), writer.Written, Utf8(payload), qos, retain, dup, packetId));
        return packetId;
    }

    /// <summary>Publishes, all acknowledgements included, and returns the code of the first. Only for clients that are sent nothing meanwhile.</summary>
    public async Task<ReasonCode> PublishAsync(string topic, string payload, QoS qos = QoS.AtMostOnce, bool retain = false, Action<PropertyWriter>? properties = null)
    {
        ushort packetId = await SendPublishAsync(topic, payload, qos, retain, properties: properties);
        switch (qos)
        {
            case QoS.AtLeastOnce:
                return await ExpectAckAsync(PacketType.PubAck, packetId);
            case QoS.ExactlyOnce:
                ReasonCode code = await ExpectAckAsync(PacketType.PubRec, packetId);
                if (code >= ReasonCode.UnspecifiedError)
                    return code;
                await SendAckAsync(PacketType.PubRel, packetId);
                Assert.AreEqual(ReasonCode.Success, await ExpectAckAsync(PacketType.PubComp, packetId));
                return code;
            default:
                return ReasonCode.Success;
        }
    }

    public async Task<ReceivedPublish> ReceivePublishAsync() => ReceivedPublish.From(await ReceiveAsync(), Version);

    /// <summary>Receives a PUBLISH and answers with all that its QoS asks for.</summary>
    public async Task<ReceivedPublish> ReceivePublishAndAckAsync()
    {
        ReceivedPublish publish = await ReceivePublishAsync();
        await AcknowledgeAsync(publish.QoS, publish.PacketId);
        return publish;
    }

    /// <summary>All that the receiver of a PUBLISH owes.</summary>
    public async Task AcknowledgeAsync(QoS qos, ushort packetId)
    {
        if (qos == QoS.AtLeastOnce)
        {
            await SendAckAsync(PacketType.PubAck, packetId);
        }
        else if (qos == QoS.ExactlyOnce)
        {
            await SendAckAsync(PacketType.PubRec, packetId);
            Assert.AreEqual(ReasonCode.Success, await ExpectAckAsync(PacketType.PubRel, packetId));
            await SendAckAsync(PacketType.PubComp, packetId);
        }
    }

    public Task SendAckAsync(PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success) =>
        SendAsync(w => AckPacket.Write(w, type, Version, packetId, reason));

    public async Task<ReceivedAck> ReceiveAckAsync(PacketType type) => ReceivedAck.From(await ReceiveAsync(), type, Version);

    /// <summary>The next packet acknowledges this Packet Identifier.</summary>
    public async Task<ReasonCode> ExpectAckAsync(PacketType type, ushort packetId)
    {
        ReceivedAck ack = await ReceiveAckAsync(type);
        Assert.AreEqual(packetId, ack.PacketId);
        return ack.Reason;
    }

    public async Task DisconnectAsync(ReasonCode reason = ReasonCode.Success, uint? sessionExpirySeconds = null)
    {
        DisconnectPacket packet = new() { ReasonCode = reason, SessionExpirySeconds = sessionExpirySeconds };
        await SendAsync(w => packet.Write(w, Version));
        await WaitForEndAsync();
    }

    public async Task<DisconnectPacket> ReceiveDisconnectAsync() =>
        (await ReceiveAsync()).As(PacketType.Disconnect, (in Frame f, out DisconnectPacket? p, out MalformedReason r) => DisconnectPacket.TryDecode(f, Version, out p, out r));

    public static TopicFilter Filter(string text)
    {
        Assert.IsTrue(TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason), $"{text}: {reason}");
        return filter;
    }
}
