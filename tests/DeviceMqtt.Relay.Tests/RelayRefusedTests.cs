using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Topics;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Upstreams that cannot be connected to: each has its name in the log and the status, once.</summary>
[TestClass]
public sealed class RelayRefusedTests
{
    [TestMethod]
    public async Task Refused_NobodyListens_SaidOnce()
    {
        await using TestRelay relay = await TestRelay.StartAsync(upstream: FakeUpstream.Absent());

        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "not connected, Refused: Connection refused; 0 messages wait", StringComparison.Ordinal);

        Assert.AreEqual((UplinkEndReason.Refused, true), (relay.Uplink.Status.LastEnd.Reason, relay.Uplink.Status.State != UplinkState.Connected));
    }

    [TestMethod]
    [DataRow(4, "NotAuthorized: the upstream refuses: user name or password are wrong (CONNACK 4)")]
    [DataRow(5, "NotAuthorized: the upstream refuses: user name or password are wrong, or this gateway may not connect there (CONNACK 5)")]
    [DataRow(3, "ConnectRejected: the upstream refuses: it is not available (CONNACK 3)")]
    [DataRow(2, "ConnectRejected: the upstream refuses: it does not accept the Client Identifier (CONNACK 2)")]
    public async Task CONNACK_Refuses_SaidOnceHoweverOften(int code, string expected)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        for (int attempt = 0; attempt < 5; attempt++)
        {
            await using UpstreamPeer peer = await relay.Upstream.AcceptAsync();
            Assert.IsTrue((await peer.ReceiveConnectAsync()).IsBridge);
            await peer.SendConnAckAsync((byte)code);
            await peer.ExpectCloseAsync();
        }

        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), expected, StringComparison.Ordinal);
        _ = await relay.Upstream.AcceptAsync(); // so the fifth refusal has been reported, had it been
        relay.Lines.ExpectNoMore();
    }

    [TestMethod]
    [DataRow("'HTTP/1.1 400 Bad Request'", "begins with 0x48, which is no CONNACK")]
    [DataRow("'SSH-2.0-x'", "begins with 0x53, which is no CONNACK")]
    [DataRow("15 03 01 00 02 02 46", "begins with 0x15, which is no CONNACK")]
    [DataRow("20 03 00 00 00", "is no CONNACK of MQTT 3.1.1: the packet is larger")]
    [DataRow("20 02 00 7F", "is no CONNACK of MQTT 3.1.1: the packet may not carry this reason code")]
    [DataRow("20 01 00", "is no CONNACK of MQTT 3.1.1: the packet ends inside a field")]
    public async Task CONNACK_IsSomethingElse_NotMqtt(string answer, string expected)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        await peer.SendAsync(Packet.Of(answer));

        string line = await relay.Lines.ExpectAsync(RelayLines.Disconnected);

        StringAssert.Contains(line, "NotMqtt: the answer to CONNECT ", StringComparison.Ordinal);
        StringAssert.Contains(line, expected, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task CONNACK_InTwoPieces_Accepted()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        _ = await peer.ReceiveConnectAsync();
        await peer.SendAsync([0x20]);
        await peer.SendAsync([0x02, 0x00]);
        await peer.SendAsync([0x00]);

        await peer.ReceivePresenceAsync();

        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
    }

    [TestMethod]
    public async Task CONNACK_RefusesBridges_AskedAgainAsAPlainClientFromThenOn()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer bridge = await relay.Upstream.AcceptAsync();
        Assert.IsTrue((await bridge.ReceiveConnectAsync()).IsBridge);
        await bridge.SendConnAckAsync((byte)ConnectReturnCode.UnacceptableProtocolVersion);

        UpstreamPeer plain = await relay.Upstream.AcceptAsync();
        Assert.IsFalse((await plain.ReceiveConnectAsync()).IsBridge);
        await plain.SendConnAckAsync(0);
        await plain.ReceivePresenceAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        await plain.DisposeAsync();

        Assert.IsFalse((await (await relay.Upstream.AcceptAsync()).ReceiveConnectAsync()).IsBridge);
    }

    [TestMethod]
    public async Task CONNECT_ClosedTwiceWithoutCONNACK_PlainTriedAndNamed()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        foreach (bool isBridge in new[] { true, true, false, true, true, false })
        {
            await using UpstreamPeer peer = await relay.Upstream.AcceptAsync();
            Assert.AreEqual(isBridge, (await peer.ReceiveConnectAsync()).IsBridge);
        }

        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "NoConnAck: the upstream closed the connection", StringComparison.Ordinal);
        relay.Lines.ExpectNoMore();
    }

    // An upstream that is just going away closes without a word, too: what it can do is not forgotten for that.
    [TestMethod]
    public async Task CONNECT_ClosedWithoutCONNACK_AskedAgainTheSameWay()
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        await using (UpstreamPeer goesAway = await relay.Upstream.AcceptAsync())
            Assert.IsTrue((await goesAway.ReceiveConnectAsync()).IsBridge);
        await using (UpstreamPeer isBack = await relay.Upstream.AcceptAsync())
        {
            Assert.IsTrue((await isBack.ReceiveConnectAsync()).IsBridge);
            await isBack.SendConnAckAsync(0);
            await isBack.ReceivePresenceAsync();
        }

        for (int attempt = 0; attempt < 3; attempt++)
        {
            await using UpstreamPeer peer = await relay.Upstream.AcceptAsync();
            Assert.IsTrue((await peer.ReceiveConnectAsync()).IsBridge, "it has taken a bridge before");
        }
    }

    [TestMethod]
    public async Task RelayAnswerSecondsMax_NoCONNACK_ConnectionClosed()
    {
        TimerWatch? watch = null;
        await using TestRelay relay = await TestRelay.StartAsync(limits: l => l.RelayAnswerSecondsMax = 7, time: fake => watch = new TimerWatch(fake));
        UpstreamPeer peer = await relay.Upstream.AcceptAsync();
        _ = await peer.ReceiveConnectAsync();
        Assert.AreEqual(TimeSpan.FromSeconds(10), await watch!.NextAsync());
        Assert.AreEqual(TimeSpan.FromSeconds(7), await watch.NextAsync());

        relay.Gateway.Time.Advance(TimeSpan.FromSeconds(7));

        await peer.ExpectCloseAsync();
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), "ConnAckTimeout: no CONNACK within 7 s", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task RelayConnectSecondsMax_NothingAnswers_GivenUp()
    {
        // TLS is part of connecting: an upstream that takes the connection and says nothing is one that does not answer.
        FakeTime time = new();
        await using FakeUpstream upstream = FakeUpstream.Start();
        UpstreamAddress address = UpstreamAddress.Parse(upstream.Address.Replace("mqtt://", "mqtts://", StringComparison.Ordinal));
        RelayOptions options = new();
        UplinkHandshake handshake = new(address, options, new UplinkPresence(options, new RelayTopics(options)).Identity, packetBytesMax: 1000);
        UplinkConnector connector = new(address, options, handshake, new GatewayLimits { RelayConnectSecondsMax = 3 }, new RelayWorld(time));
        Task connecting = connector.ConnectAsync(CancellationToken.None);
        _ = await upstream.AcceptAsync();

        time.Advance(TimeSpan.FromSeconds(3));

        UplinkException exception = await Assert.ThrowsExactlyAsync<UplinkException>(() => Patience.Within(connecting, "the end of the try"));
        Assert.AreEqual(new UplinkEnd(UplinkEndReason.ConnectTimeout, "no connection within 3 s"), exception.End);
    }

    [TestMethod]
    public async Task TLS_NotSpokenThere_Named()
    {
        await using FakeUpstream upstream = FakeUpstream.Start();
        UpstreamAddress address = UpstreamAddress.Parse(upstream.Address.Replace("mqtt://", "mqtts://", StringComparison.Ordinal));
        Task dialling = new UpstreamDialer(address).DialAsync(CancellationToken.None);
        UpstreamPeer peer = await upstream.AcceptAsync();
        await peer.SendAsync(Packet.Of("20 02 00 00 20 02 00 00"));

        UplinkException exception = await Assert.ThrowsExactlyAsync<UplinkException>(() => Patience.Within(dialling, "the end of the try"));

        Assert.AreEqual(new UplinkEnd(UplinkEndReason.TlsFailed, "the TLS handshake failed; the port may not speak TLS"), exception.End);
    }

    [TestMethod]
    [DataRow("localhost", "the certificate of the upstream is not trusted by this machine")]
    [DataRow("127.0.0.1", "the certificate of the upstream is not for '127.0.0.1'")]
    public async Task TLS_CertificateNotGood_Named(string host, string expected)
    {
        await using FakeUpstream upstream = FakeUpstream.Start();
        UpstreamAddress address = UpstreamAddress.Parse($"mqtts://{host}:{new Uri(upstream.Address).Port}");
        using X509Certificate2 certificate = SelfSigned("localhost");
        Task dialling = new UpstreamDialer(address).DialAsync(CancellationToken.None);
        Task serving = (await upstream.AcceptAsync()).RefusedTlsAsync(certificate);

        UplinkException exception = await Assert.ThrowsExactlyAsync<UplinkException>(() => Patience.Within(dialling, "the end of the try"));

        Assert.AreEqual(new UplinkEnd(UplinkEndReason.TlsFailed, expected), exception.End);
        await Patience.Within(serving, "the end of the handshake");
    }

    [TestMethod]
    public async Task Name_Unknown_Named()
    {
        UpstreamAddress address = UpstreamAddress.Parse("mqtt://no-such-host.invalid"); // RFC 6761: never resolves

        UplinkException exception = await Assert.ThrowsExactlyAsync<UplinkException>(() => new UpstreamDialer(address).DialAsync(CancellationToken.None));

        Assert.AreEqual(UplinkEndReason.NameNotFound, exception.End.Reason);
    }

    [TestMethod]
    [DataRow("F0 00", "Auth: is not for a server to send here")]
    [DataRow("00 00", "packet type 0 is forbidden")]
    [DataRow("40 02 00 00", "PubAck: the Packet Identifier is 0")]
    [DataRow("90 03 00 77 00", "SubAck: for Packet Identifier 119, which is of no SUBSCRIBE")]
    [DataRow("E0 00", "Disconnect: is not for a server to send here")]
    [DataRow("30 05 00 03 'a+b'", "Publish: the Topic Name has a wildcard character")]
    [DataRow("40 FF FF FF 7F", "a packet of 268435460 bytes exceeds Limits:PacketBytesMax of 1048576")]
    public async Task Upstream_SendsWhatItMayNot_LinkMadeAnewAndNamed(string packet, string expected)
    {
        await using TestRelay relay = await TestRelay.StartAsync();
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();

        await peer.SendAsync(Packet.Of(packet));

        await peer.ExpectCloseAsync();
        _ = await relay.Lines.ExpectAsync(RelayLines.Connected);
        StringAssert.Contains(await relay.Lines.ExpectAsync(RelayLines.Disconnected), $"ProtocolError: {expected}", StringComparison.Ordinal);
        await (await relay.Upstream.AcceptMqttAsync()).ReceivePresenceAsync();
    }

    private static X509Certificate2 SelfSigned(string name)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
