using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>A board has no memory to give away: what the steady loop allocates is counted.</summary>
[TestClass]
[DoNotParallelize]
public sealed class AllocationTests
{
    private const int Turns = 100_000;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Loop_WithoutConnection_MeasuresIntoTheOutboxWithoutAllocating()
    {
        DeviceLoop loop = NewLoop(TelemetryClass.Kept, new NoClients());

        // Every turn takes a reading and drops the oldest, once the ring is full.
        Assert.AreEqual(0, AllocatedBy(loop, firstMs: 100_000), "bytes in 100,000 turns");
        Assert.IsGreaterThan(90_000, loop.DroppedMessages);
    }

    [TestMethod]
    public void Loop_LiveReadingsWithoutConnection_AllocateNothing()
    {
        Assert.AreEqual(0, AllocatedBy(NewLoop(TelemetryClass.Live, new NoClients()), firstMs: 100_000), "bytes in 100,000 turns");
    }

    [TestMethod]
    public void Loop_Connected_AllocatesOnePayloadForEachReading()
    {
        // {"n":100000,"t":1795211757.1,"temp":21.5,"hum":40.2} in an array of its own, because the library keeps it: 52 bytes and 24 of header.
        DeviceLoop loop = NewLoop(TelemetryClass.Live, new FixedClient());
        long allocated = AllocatedBy(loop, firstMs: 100_000);

        TestContext.WriteLine($"{(double)allocated / Turns} bytes a turn");
        Assert.AreEqual(LinkState.Up, loop.Link);
        Assert.IsTrue(allocated is > 60L * Turns and < 90L * Turns, $"{allocated} bytes in {Turns} turns");
    }

    [TestMethod]
    public void Loop_AtStart_ReservesWhatThePageSays()
    {
        FakeRingFile ring = new(DeviceLimits.FlashFileBytes);
        DeviceOptions options = new() { ClientId = "a", DeviceName = "a" };
        Reserved(options, ring);
        long withoutFile = Reserved(options, ring: null);
        long withFile = Reserved(options, ring);

        TestContext.WriteLine($"{withoutFile} bytes, {withFile} with a ring file");
        Assert.AreEqual(16_100, withoutFile, 1_600.0);
        Assert.AreEqual(21_500, withFile, 2_200.0);
    }

    private static long Reserved(DeviceOptions options, IRingFile? ring)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        DeviceLoop loop = new(options, new FakeClock(), new NoClients(), new FakeBackground(), new Silence(), ring);
        long reserved = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(loop);
        return reserved;
    }

    [TestMethod]
    public void Loop_StoredReadingsWithoutConnection_AllocateTheNameOfATopicForEachBatch()
    {
        FakeRingFile ring = new(DeviceLimits.FlashFileBytes);
        DeviceLoop loop = NewLoop(TelemetryClass.Stored, new NoClients(), ring);
        int before = ring.Writes;
        long allocated = AllocatedBy(loop, firstMs: 100_000);

        // A batch of about 18 readings writes its topic once: a copy of 17 bytes in an array of its own.
        TestContext.WriteLine($"{allocated} bytes for {ring.Writes - before} batches");
        Assert.IsGreaterThan(5_000, ring.Writes - before);
        Assert.IsLessThanOrEqualTo(50L * (ring.Writes - before), allocated);
    }

    [TestMethod]
    [DataRow("dm/p2p/a", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"x\":\"@\"}", DisplayName = "a command that is too long")]
    [DataRow("dm/p2p/a", "{\"id\":\"1\",\"cmd\":\"ping\",\"from\":\"op\",\"args\":{\"on\":\"@\"}}", DisplayName = "with long arguments")]
    [DataRow("dm/p2p/a", "@", DisplayName = "no JSON")]
    [DataRow("dm/p2p/a", "{\"id\":\"@\",\"cmd\":7,\"from\":{}}", DisplayName = "wrong types")]
    [DataRow("dm/p2p/b", "@", DisplayName = "for somebody else")]
    public void Junk_OfTenKilobytes_IsForgottenOnceItWasLookedAt(string topic, string text)
    {
        FakeClientFactory clients = new();
        DeviceLoop loop = NewLoop(TelemetryClass.Live, clients);
        loop.Tick(0);
        loop.Tick(10);
        WeakReference junk = Deliver(clients.Last, topic, text);
        loop.Tick(20);
        loop.Tick(30);

        GC.Collect();
        Assert.IsFalse(junk.IsAlive, "the payload is still held");
        GC.KeepAlive(loop);
    }

    // Apart, so that no local of the test holds the payload.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Deliver(FakeMqttClient client, string topic, string text)
    {
        byte[] payload = Encoding.UTF8.GetBytes(text.Replace("@", new string('j', 10_240), StringComparison.Ordinal));
        client.Deliver(topic, payload);
        return new WeakReference(payload);
    }

    private static long AllocatedBy(DeviceLoop loop, long firstMs)
    {
        long nowMs = firstMs;
        for (int i = 0; i < 5_000; i++)
        {
            loop.Tick(nowMs += 10);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Turns; i++)
        {
            loop.Tick(nowMs += 10);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static DeviceLoop NewLoop(TelemetryClass telemetryClass, IMqttClientFactory clients, IRingFile? ring = null)
    {
        DeviceOptions options = new() { ClientId = "a", DeviceName = "a", OutboxBytes = 1024, BackoffFirstMs = 2_000_000_000, BackoffMaxMs = 2_000_000_000 };
        DeviceLoop loop = new(options, new FakeClock(), clients, new FakeBackground(), new Silence(), ring);
        loop.Add(new TelemetryStream("climate", new FakeSensor(), 10, telemetryClass));
        loop.Add(new PingCommand());
        return loop;
    }

    private sealed class Silence : IDeviceLog
    {
        public void Write(DeviceNote note, string subject, long number)
        {
        }
    }

    private sealed class NoClients : IMqttClientFactory
    {
        public IMqttClient Create() => throw new InvalidOperationException("away");
    }

    /// <summary>Takes everything and keeps nothing.</summary>
    private sealed class FixedClient : IMqttClientFactory, IMqttClient
    {
        public event IMqttClient.MqttMsgPublishEventHandler? MqttMsgPublishReceived
        {
            add { }
            remove { }
        }

        public event IMqttClient.MqttMsgPublishedEventHandler? MqttMsgPublished;

        public event IMqttClient.MqttMsgSubscribedEventHandler? MqttMsgSubscribed
        {
            add { }
            remove { }
        }

        public event IMqttClient.MqttMsgUnsubscribedEventHandler? MqttMsgUnsubscribed
        {
            add { }
            remove { }
        }

        public event IMqttClient.ConnectionClosedEventHandler? ConnectionClosed
        {
            add { }
            remove { }
        }

        public bool IsConnected => true;

        public IMqttClient Create() => this;

        public void Init(string brokerHostName, int brokerPort, bool secure, byte[]? caCert, byte[]? clientCert, MqttSslProtocols sslProtocol)
        {
        }

        public MqttReasonCode Connect(string clientId, string? username, string? password, bool willRetain, MqttQoSLevel willQosLevel, bool willFlag, string? willTopic, string? willMessage, bool cleanSession, ushort keepAlivePeriod) => MqttReasonCode.Success;

        public void Disconnect()
        {
        }

        public void Close()
        {
        }

        public ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels) => 0;

        public ushort Unsubscribe(string[] topics) => 0;

        public ushort Publish(string topic, byte[] message) => 0;

        public ushort Publish(string topic, byte[] message, string? contentType) => 0;

        public ushort Publish(string topic, byte[] message, string? contentType, ArrayList? userProperties, MqttQoSLevel qosLevel, bool retain)
        {
            if (qosLevel != MqttQoSLevel.AtMostOnce)
            {
                MqttMsgPublished?.Invoke(this, new MqttMsgPublishedEventArgs(1));
            }

            return 1;
        }
    }
}
