using System.Net.Sockets;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Firmware.Tests.M2Mqtt;

/// <summary>The PC's client, byte by byte against a broker that the test plays: the habits of the real one, traps included.</summary>
[TestClass]
public sealed class MqttClientTests : IDisposable
{
    private readonly ScriptedBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [TestMethod]
    public async Task Connect_WithWill_SendsWhatWasSaidAndReturnsSuccess()
    {
        using MqttClient client = NewClient();
        Task<MqttReasonCode> connecting = Task.Run(() => client.Connect("ab", "u", "p", willRetain: true, MqttQoSLevel.AtLeastOnce, willFlag: true, "w", "bye", cleanSession: true, 25));
        using BrokerSide side = await _broker.AcceptAsync();

        byte[] connect = await side.ExpectAsync(0x10);
        CollectionAssert.AreEqual(
            new byte[]
            {
                0x10, 28, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 0xEE, 0, 25,
                0, 2, (byte)'a', (byte)'b', 0, 1, (byte)'w', 0, 3, (byte)'b', (byte)'y', (byte)'e', 0, 1, (byte)'u', 0, 1, (byte)'p',
            },
            connect);
        await side.SendAsync(0x20, 0x02, 0x00, 0x00);

        Assert.AreEqual(MqttReasonCode.Success, await connecting.WaitAsync(Patience.Limit));
        Assert.IsTrue(client.IsConnected);
    }

    [TestMethod]
    public async Task Connect_Refused_ReturnsTheCodeAndReceivesUntilClose()
    {
        using MqttClient client = NewClient();
        Task<MqttReasonCode> connecting = ConnectAsync(client);
        using BrokerSide side = await _broker.AcceptAsync();
        await side.ExpectAsync(0x10);
        await side.SendAsync(0x20, 0x02, 0x00, 0x05);
        side.Dispose();

        Assert.AreEqual(MqttReasonCode.ConnectionRefusedNotAuthorized, await connecting.WaitAsync(Patience.Limit));
        Assert.IsFalse(client.IsConnected);
        Assert.IsTrue(client.IsReceiving);
        client.Close();
        await Until(() => !client.IsReceiving);
    }

    [TestMethod]
    public async Task Connect_NoConnAck_ThrowsAndReceivesUntilClose()
    {
        using MqttClient client = NewClient(new MqttClientTimes { ConnAckMs = 50 });
        Task<MqttReasonCode> connecting = ConnectAsync(client);
        using BrokerSide side = await _broker.AcceptAsync();

        await Assert.ThrowsExactlyAsync<MqttCommunicationException>(() => connecting);
        Assert.IsTrue(client.IsReceiving);
        client.Close();
        await Until(() => !client.IsReceiving);
    }

    [TestMethod]
    public async Task Connect_HungUpBeforeConnAck_Throws()
    {
        using MqttClient client = NewClient();
        Task<MqttReasonCode> connecting = ConnectAsync(client);
        (await _broker.AcceptAsync()).Dispose();

        await Assert.ThrowsExactlyAsync<MqttCommunicationException>(() => connecting);
    }

    [TestMethod]
    public void Connect_NobodyListens_Throws()
    {
        int port = _broker.Port;
        _broker.Dispose();
        using MqttClient client = new("127.0.0.1", port, new MqttClientTimes());

        Assert.ThrowsExactly<MqttConnectionException>(() => client.Connect("a", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 0));
    }

    [TestMethod]
    public void Constructor_NameNotResolved_Throws() =>
        Assert.ThrowsExactly<SocketException>(() => new MqttClient("nobody.invalid", 1883, secure: false, null, null, MqttSslProtocols.None));

    [TestMethod]
    public async Task Publish_QoS0_IsSentAndNothingIsTold()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();
        client.Publish("t", "x"u8.ToArray());
        CollectionAssert.AreEqual(new byte[] { 0x30, 4, 0, 1, (byte)'t', (byte)'x' }, await side.ExpectAsync(0x30));

        // What comes next is of the next message: the first was told of by nothing.
        client.Publish("t", [], null, null, MqttQoSLevel.AtLeastOnce, retain: false);
        await side.ExpectAsync(0x32);
        await side.SendAsync(0x40, 0x02, 0x00, 0x02);
        await log.ExpectAsync("published 2 True");
        End(client, side);
    }

    [TestMethod]
    public async Task Publish_QoS1_IsToldWhenAcknowledged()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();

        ushort packetId = client.Publish("t", "x"u8.ToArray(), null, null, MqttQoSLevel.AtLeastOnce, retain: true);
        CollectionAssert.AreEqual(new byte[] { 0x33, 6, 0, 1, (byte)'t', 0, 1, (byte)'x' }, await side.ExpectAsync(0x33));
        await side.SendAsync(0x40, 0x02, 0x00, 0x01);

        Assert.AreEqual(1, packetId);
        await log.ExpectAsync("published 1 True");
        End(client, side);
    }

    [TestMethod]
    public async Task Publish_QoS1NotAcknowledged_IsSentThreeTimesMoreThenGivenUp()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync(new MqttClientTimes { ResendMs = 20 });

        client.Publish("t", [], null, null, MqttQoSLevel.AtLeastOnce, retain: false);
        await side.ExpectAsync(0x32);
        await side.ExpectAsync(0x3A);
        await side.ExpectAsync(0x3A);
        await side.ExpectAsync(0x3A);

        await log.ExpectAsync("published 1 False");
        End(client, side);
    }

    [TestMethod]
    public async Task Publish_QoS2_GoesThroughBothSteps()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();

        client.Publish("t", [], null, null, MqttQoSLevel.ExactlyOnce, retain: false);
        await side.ExpectAsync(0x34);
        await side.SendAsync(0x50, 0x02, 0x00, 0x01);
        await side.ExpectAsync(0x62);
        await side.SendAsync(0x70, 0x02, 0x00, 0x01);

        await log.ExpectAsync("published 1 True");
        End(client, side);
    }

    [TestMethod]
    public async Task LinkLost_WhatIsInFlight_IsLostWithoutAnEvent()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync(new MqttClientTimes { ResendMs = 20 });
        client.Publish("t", [], null, null, MqttQoSLevel.AtLeastOnce, retain: false);
        await side.ExpectAsync(0x32);

        side.Dispose();

        await log.ExpectAsync("closed");
        Assert.IsFalse(client.IsConnected);
        // Not even later: the next connection's event is the next one.
        Task<MqttReasonCode> again = ConnectAsync(client);
        using BrokerSide second = await _broker.AcceptConnectionAsync();
        await again.WaitAsync(Patience.Limit);
        client.Publish("t", [], null, null, MqttQoSLevel.AtLeastOnce, retain: false);
        await second.ExpectAsync(0x32);
        await second.SendAsync(0x40, 0x02, 0x00, 0x02);
        await log.ExpectAsync("published 2 True");
    }

    [TestMethod]
    public async Task Received_NotSubscribedTo_IsDelivered()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();

        await side.SendAsync(0x31, 4, 0, 1, (byte)'t', (byte)'x');

        await log.ExpectAsync("received t x 0 retained");
        End(client, side);
    }

    [TestMethod]
    public async Task Received_QoS1_IsAcknowledgedBeforeItsEvent()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();
        using ManualResetEventSlim acknowledged = new();
        client.MqttMsgPublishReceived += (_, _) => Assert.IsTrue(acknowledged.Wait(Patience.Limit));

        await side.SendAsync(0x3A, 6, 0, 1, (byte)'t', 0, 9, (byte)'x');
        // The handler waits for what is read here: if it came first, neither would ever go on.
        CollectionAssert.AreEqual(new byte[] { 0x40, 2, 0, 9 }, await side.ExpectAsync(0x40));
        acknowledged.Set();

        await log.ExpectAsync("received t x 1 dup");
        End(client, side);
    }

    [TestMethod]
    public async Task Received_QoS2SentTwice_IsDeliveredOnce()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();

        await side.SendAsync(0x34, 6, 0, 1, (byte)'t', 0, 9, (byte)'x');
        await side.ExpectAsync(0x50);
        await side.SendAsync(0x3C, 6, 0, 1, (byte)'t', 0, 9, (byte)'x');
        await side.ExpectAsync(0x50);
        await side.SendAsync(0x62, 2, 0, 9);
        await side.ExpectAsync(0x70);
        await side.SendAsync(0x62, 2, 0, 9);
        await side.ExpectAsync(0x70);
        await side.SendAsync(0x30, 3, 0, 1, (byte)'z');

        await log.ExpectAsync("received t x 2");
        await log.ExpectAsync("received z  0");
        End(client, side);
    }

    [TestMethod]
    public async Task Handler_Throws_ConnectionEndsWithoutAnEvent()
    {
        (MqttClient client, BrokerSide side, _) = await ConnectedAsync();
        client.MqttMsgPublishReceived += (_, _) => throw new InvalidOperationException("a defect in the application");

        await side.SendAsync(0x30, 3, 0, 1, (byte)'t');

        await side.ExpectEndAsync();
        await Until(() => !client.IsConnected);
        End(client, side);
    }

    [TestMethod]
    public async Task Publish_NotConnected_IsQueuedAndSentLater()
    {
        using MqttClient client = NewClient();
        client.Publish("t", "x"u8.ToArray());

        Task<MqttReasonCode> connecting = ConnectAsync(client);
        using BrokerSide side = await _broker.AcceptConnectionAsync();
        await connecting.WaitAsync(Patience.Limit);

        await side.ExpectAsync(0x30);
    }

    [TestMethod]
    public void Publish_QueueFull_Throws()
    {
        using MqttClient client = NewClient(new MqttClientTimes { InflightQueueSize = 2 });
        client.Publish("t", []);
        client.Publish("t", []);

        Assert.AreEqual(MqttClientErrorCode.InflightQueueFull, Assert.ThrowsExactly<MqttClientException>(() => client.Publish("t", [])).ErrorCode);
    }

    [TestMethod]
    public async Task Received_QueueFull_IsLostWithoutAWord()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync(new MqttClientTimes { InflightQueueSize = 1, ResendMs = 60_000 });
        client.Publish("t", [], null, null, MqttQoSLevel.AtLeastOnce, retain: false);
        await side.ExpectAsync(0x32);

        // Acknowledged, it still keeps its place until its resend time.
        await side.SendAsync(0x40, 0x02, 0x00, 0x01);
        await log.ExpectAsync("published 1 True");
        await side.SendAsync(0x32, 5, 0, 1, (byte)'t', 0, 9);

        // The next thing the broker hears is the end: no PUBACK came before.
        client.Disconnect();
        await side.ExpectAsync(0xE0);
        End(client, side);
    }

    [TestMethod]
    public async Task Disconnect_Connected_SaysSoAndCloses()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();

        client.Disconnect();

        await side.ExpectAsync(0xE0);
        await side.ExpectEndAsync();
        await log.ExpectAsync("closed");
        End(client, side);
    }

    [TestMethod]
    public async Task Disconnect_DeadLink_Throws()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();
        side.Dispose();
        await log.ExpectAsync("closed");

        Assert.ThrowsExactly<MqttCommunicationException>(client.Disconnect);
    }

    [TestMethod]
    public async Task Close_Connected_SendsNoDisconnect()
    {
        (MqttClient client, BrokerSide side, _) = await ConnectedAsync();

        client.Close();

        await side.ExpectEndAsync();
    }

    [TestMethod]
    public async Task KeepAlive_Idle_SendsPingReqAndEndsWithoutPingResp()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync(new MqttClientTimes { KeepAliveSecondMs = 4 });

        await side.ExpectAsync(0xC0);
        await side.SendAsync(0xD0, 0x00);
        await side.ExpectAsync(0xC0);

        await log.ExpectAsync("closed");
        End(client, side);
    }

    [TestMethod]
    public async Task Subscribe_Granted_IsTold()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();

        client.Subscribe(["a/#", "b"], [MqttQoSLevel.AtLeastOnce, MqttQoSLevel.AtMostOnce]);
        await side.ExpectAsync(0x82);
        await side.SendAsync(0x90, 4, 0, 1, 1, 0x80);
        client.Unsubscribe(["b"]);
        await side.ExpectAsync(0xA2);
        await side.SendAsync(0xB0, 2, 0, 2);

        await log.ExpectAsync("subscribed 1 AtLeastOnce,GrantedFailure");
        await log.ExpectAsync("unsubscribed 2");
        End(client, side);
    }

    [TestMethod]
    public async Task Received_Malformed_ConnectionEnds()
    {
        (MqttClient client, BrokerSide side, ClientLog log) = await ConnectedAsync();

        await side.SendAsync(0x36, 3, 0, 1, (byte)'t');

        await log.ExpectAsync("closed");
        End(client, side);
    }

    private static Task<MqttReasonCode> ConnectAsync(MqttClient client) =>
        Task.Run(() => client.Connect("a", null, null, willRetain: false, MqttQoSLevel.AtMostOnce, willFlag: false, null, null, cleanSession: true, 25));

    private static async Task Until(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private static void End(MqttClient client, BrokerSide side)
    {
        client.Dispose();
        side.Dispose();
    }

    private async Task<(MqttClient Client, BrokerSide Side, ClientLog Log)> ConnectedAsync(MqttClientTimes? times = null)
    {
        MqttClient client = NewClient(times);
        ClientLog log = new(client);
        Task<MqttReasonCode> connecting = ConnectAsync(client);
        BrokerSide side = await _broker.AcceptConnectionAsync();
        Assert.AreEqual(MqttReasonCode.Success, await connecting.WaitAsync(Patience.Limit));
        return (client, side, log);
    }

    private MqttClient NewClient(MqttClientTimes? times = null) => new("127.0.0.1", _broker.Port, times ?? new MqttClientTimes());
}
