using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>Passwords with hashes are worked out outside the turn: nobody else waits for them.</summary>
[TestClass]
internal sealed class LoginTests : IDisposable
{
    private readonly HeldHashes _hashes = new();
    private int _lastPort;

    public void Dispose() => _hashes.Dispose();

    private TestGateway Start(Action<GatewayLimits>? limits = null) =>
        TestGateway.Start(limits, s =>
        {
            (s.AllowAnonymous, s.Users["board"], s.Users["other"], s.Users["plain"]) = (true, HeldHashes.Of("right"), HeldHashes.Of("right"), "as it is");
            foreach (string user in s.Users.Keys)
                s.Roles[user] = "operator";
        }, _hashes.Check);

    // Each from an address of its own, or from the same.
    private IPEndPoint Somewhere() => new(new IPAddress([10, 0, (byte)(++_lastPort >> 8), (byte)_lastPort]), 4000);

    private static IPEndPoint There => IPEndPoint.Parse("192.0.2.7:5000");

    private async Task<TestClient> SendAsync(TestGateway gateway, string user, string password, IPEndPoint? remote = null, ProtocolVersion version = ProtocolVersion.V311)
    {
        TestClient client = gateway.Open(version, remote ?? Somewhere());
        await client.SendConnectAsync($"c{++_lastPort}", userName: user, password: password);
        return client;
    }

    [TestMethod]
    public async Task WrongPasswords_AThousandAtOnce_OthersAreAnsweredBeforeTheFirstHashIsDone()
    {
        await using TestGateway gateway = Start(l => (l.LoginsWaitingMax, l.HalfOpenConnectionsMax) = (2000, 8000));
        TestClient honest = await gateway.ConnectAsync("honest");
        List<TestClient> strangers = [];
        for (int i = 0; i < 1000; i++)
            strangers.Add(await SendAsync(gateway, "board", "wrong"));
        await honest.ExpectNothingAsync(); // its PINGRESP
        Assert.AreEqual(1000, gateway.Logins.Waiting);
        await Patience.Until(() => _hashes.Begun == 2, "two threads at work");
        TestClient anonymous = await gateway.ConnectAsync("another");
        await anonymous.ExpectNothingAsync();

        _hashes.Release();
        await Patience.Until(() => gateway.Logins.Waiting == 0, "the end of all hashes");
        foreach (TestClient stranger in strangers)
            Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, (await stranger.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(1000, _hashes.Begun);
        Assert.AreEqual(2, _hashes.AtOnceMax);
    }

    [TestMethod]
    public async Task Password_Right_AcceptedAndRememberedWithoutAnotherHash()
    {
        await using TestGateway gateway = Start();
        _hashes.Release();
        TestClient first = await SendAsync(gateway, "board", "right", There);
        Assert.AreEqual(0, (await first.ReceiveConnAckAsync()).Code);
        TestClient second = await SendAsync(gateway, "board", "right", There);
        ReceivedPacket? atOnce = second.TryReceiveNow();
        Assert.IsNotNull(atOnce, "in the turn itself");
        Assert.AreEqual(PacketType.ConnAck, atOnce.Type);
        Assert.AreEqual(1, _hashes.Begun);
        // Only that password, and only for that user.
        TestClient wrong = await SendAsync(gateway, "board", "wrong", There);
        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, (await wrong.ReceiveConnAckAsync()).Code);
        TestClient other = await SendAsync(gateway, "other", "right", There);
        Assert.AreEqual(0, (await other.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(3, _hashes.Begun);
    }

    [TestMethod]
    public async Task Password_NotHashed_AcceptedInTheTurn()
    {
        await using TestGateway gateway = Start();
        TestClient client = await SendAsync(gateway, "plain", "as it is", There);
        Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(0, _hashes.Begun);
    }

    [TestMethod]
    [DataRow("board", "wrong password")]
    [DataRow("plain", "wrong password")]
    [DataRow("nobody", "no such user")]
    public async Task Password_WrongOrNameNotThere_TakesOneHashAndIsToldTheSame(string user, string logged)
    {
        await using TestGateway gateway = Start();
        TestClient client = await SendAsync(gateway, user, "wrong", There, ProtocolVersion.V5);
        Assert.IsNull(client.TryReceiveNow());
        _hashes.Release();
        ConnAckPacket connAck = await client.ReceiveConnAckAsync();
        Assert.AreEqual((byte)ReasonCode.NotAuthorized, connAck.Code);
        Assert.EndsWith("unknown user name or wrong password", connAck.Properties!.ReasonString!, StringComparison.Ordinal);
        await client.WaitForEndAsync();
        Assert.AreEqual(1, _hashes.Begun);
        Assert.IsTrue(gateway.Log.Lines.Any(l => l.Contains($": {There} (client '", StringComparison.Ordinal) && l.EndsWith($", user '{user}') closed, NotAuthorized: {logged}", StringComparison.Ordinal)), string.Join('\n', gateway.Log.Lines));
    }

    [TestMethod]
    public async Task UserName_WithLineBreaksAndWithoutEnd_LoggedInOneShortLine()
    {
        await using TestGateway gateway = Start();
        _hashes.Release();
        TestClient client = await SendAsync(gateway, "a\nb\u202e" + new string('x', 1000), "wrong", There);
        _ = await client.ReceiveConnAckAsync();
        await client.WaitForEndAsync();
        string line = gateway.Log.Lines.Single(l => l.Contains("no such user", StringComparison.Ordinal));
        Assert.Contains("user 'a\\u000ab\\u202exxx", line, StringComparison.Ordinal);
        Assert.IsLessThan(250, line.Length);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, (byte)ConnectReturnCode.ServerUnavailable)]
    [DataRow(ProtocolVersion.V5, (byte)ReasonCode.ServerBusy)]
    public async Task LoginsWaitingMax_Reached_FurtherOneToldThatTheServerIsBusy(ProtocolVersion version, byte code)
    {
        await using TestGateway gateway = Start(l => l.LoginsWaitingMax = 3);
        List<TestClient> waiting = [];
        for (int i = 0; i < 3; i++)
            waiting.Add(await SendAsync(gateway, "board", "right"));
        TestClient tooMany = await SendAsync(gateway, "board", "right", version: version);
        Assert.AreEqual(code, (await tooMany.ReceiveConnAckAsync()).Code);
        await tooMany.ExpectCloseAsync(CloseReason.QuotaExceeded);
        _hashes.Release();
        foreach (TestClient client in waiting)
            Assert.AreEqual(0, (await client.ReceiveConnAckAsync()).Code);
    }

    [TestMethod]
    public async Task LoginsWaitingMax_OneAddress_HasAQuarterOfIt()
    {
        await using TestGateway gateway = Start(l => l.LoginsWaitingMax = 8);
        _ = await SendAsync(gateway, "board", "wrong", There);
        _ = await SendAsync(gateway, "board", "wrong", There);
        TestClient tooMany = await SendAsync(gateway, "board", "wrong", There);
        Assert.AreEqual((byte)ConnectReturnCode.ServerUnavailable, (await tooMany.ReceiveConnAckAsync()).Code);
        TestClient elsewhere = await SendAsync(gateway, "other", "right");
        _hashes.Release();
        Assert.AreEqual(0, (await elsewhere.ReceiveConnAckAsync()).Code);
    }

    // An operator's password takes a third of a second to compare: two hundred and fifty wrong ones of one address held every board up that was not remembered for
    // longer than it may take to connect.
    [TestMethod]
    public async Task Login_BehindManyOfAnotherAddress_IsWorkedOutNext()
    {
        await using TestGateway gateway = Start();
        List<TestClient> hostile = [];
        for (int i = 0; i < 100; i++)
            hostile.Add(await SendAsync(gateway, "other", $"wrong{i}", There));
        await Patience.Until(() => _hashes.Begun == 2, "two threads at work");
        TestClient board = await SendAsync(gateway, "board", "right");
        _hashes.Release();

        Assert.AreEqual(0, (await board.ReceiveConnAckAsync()).Code);
        Assert.Contains("right", _hashes.Passwords.Take(6), "two are worked out, and one of the other address may be before it");
        foreach (TestClient client in hostile)
            _ = await client.ReceiveConnAckAsync();
    }

    [TestMethod]
    public async Task LoginsWaitingMax_FourAddressesWithTheirShare_AnotherGetsIn()
    {
        await using TestGateway gateway = Start(l => l.LoginsWaitingMax = 100);
        for (int address = 1; address <= 4; address++)
            for (int i = 0; i < 25; i++)
                _ = await SendAsync(gateway, "board", "wrong", new IPEndPoint(new IPAddress([192, 0, 2, (byte)address]), 5000));
        Assert.AreEqual(90, gateway.Logins.Waiting);
        TestClient board = await SendAsync(gateway, "other", "right");
        _hashes.Release();
        Assert.AreEqual(0, (await board.ReceiveConnAckAsync()).Code);
    }

    // With 190 addresses, five wrong passwords each, nobody else was let in.
    [TestMethod]
    public async Task LoginsWaitingMax_ReachedByManyAddresses_OneOfThemGoesForANewcomer()
    {
        await using TestGateway gateway = Start(l => l.LoginsWaitingMax = 100);
        List<TestClient> hostile = [];
        for (int i = 0; i < 120; i++)
            hostile.Add(await SendAsync(gateway, "board", "wrong", new IPEndPoint(new IPAddress([203, 0, (byte)(i % 40), 1]), 5000)));
        // The last tenth is for those that have few.
        for (int i = 0; i < 10; i++)
            hostile.Add(await SendAsync(gateway, "board", "wrong", new IPEndPoint(new IPAddress([198, 51, (byte)i, 1]), 5000)));
        Assert.AreEqual(100, gateway.Logins.Waiting);
        TestClient board = await SendAsync(gateway, "other", "right");
        Assert.AreEqual(100, gateway.Logins.Waiting);

        _hashes.Release();
        Assert.AreEqual(0, (await board.ReceiveConnAckAsync()).Code);
        Dictionary<byte, int> codes = [];
        foreach (TestClient client in hostile)
        {
            byte code = (await client.ReceiveConnAckAsync()).Code;
            codes[code] = codes.GetValueOrDefault(code) + 1;
        }

        Assert.AreEqual(99, codes[(byte)ConnectReturnCode.NotAuthorized]);
        Assert.AreEqual(31, codes[(byte)ConnectReturnCode.ServerUnavailable], "thirty for which there was no room, and the one that had to go");
    }

    [TestMethod]
    public async Task LoginsWaitingMax_ReachedByThoseWithWrongPasswords_TheirDelayedOnesGoToo()
    {
        await using TestGateway gateway = Start(l => l.LoginsWaitingMax = 8);
        _hashes.Release();
        for (int address = 1; address <= 8; address++)
            for (int i = 0; i < 4; i++)
            {
                TestClient wrong = await SendAsync(gateway, $"nobody{address}.{i}", "wrong", Hostile(address));
                gateway.Time.Advance(TimeSpan.FromSeconds(4));
                _ = await wrong.ReceiveConnAckAsync();
            }

        for (int address = 1; address <= 8; address++)
            _ = await SendAsync(gateway, $"nobody{address}", "wrong", Hostile(address));
        Assert.AreEqual(8, gateway.Logins.Waiting, "they wait for their delay");
        TestClient board = await SendAsync(gateway, "board", "right");

        Assert.AreEqual(0, (await board.ReceiveConnAckAsync()).Code);

        static IPEndPoint Hostile(int address) => new(new IPAddress([203, 0, (byte)address, 1]), 5000);
    }

    // Those that waited for their logins had all places of connections without a CONNECT, and none of them ended for a newcomer.
    [TestMethod]
    public async Task HalfOpenConnectionsMax_AllWaitForTheirLogins_TheNewestOfAnAddressThatHasMoreEnds()
    {
        await using TestGateway gateway = Start(l => (l.HalfOpenConnectionsMax, l.LoginsWaitingMax) = (8, 100));
        List<TestClient> hostile = [];
        for (int i = 0; i < 8; i++)
            hostile.Add(await SendAsync(gateway, "board", "wrong", new IPEndPoint(new IPAddress([203, 0, (byte)(i % 4), 1]), 5000)));
        await Patience.Until(() => _hashes.Begun == 2, "two threads at work");
        TestClient board = await SendAsync(gateway, "board", "right");
        _hashes.Release();

        Assert.AreEqual(0, (await board.ReceiveConnAckAsync()).Code);
        await hostile[4].WaitForEndAsync();
        Assert.ContainsSingle(gateway.Log.Lines.Where(static line => line.Contains("QuotaExceeded: its login waits, and ", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public async Task Login_AddressWithWrongPasswords_GoesBehindOneWithout()
    {
        await using TestGateway gateway = Start();
        HashSet<string> first = [];
        IPEndPoint[] failing = [.. Enumerable.Range(1, 20).Select(static i => new IPEndPoint(new IPAddress([203, 0, (byte)i, 1]), 5000))];
        // One of each is taken or waits; then two more of each come behind it, while nothing is known of them.
        for (int round = 0; round < 3; round++)
            foreach (IPEndPoint remote in failing)
                _ = await SendAsync(gateway, $"nobody{remote.Address}.{round}", $"wrong {round}", remote);
        await Patience.Until(() => _hashes.Begun == 2, "two threads at work");
        TestClient board = await SendAsync(gateway, "board", "right");
        _hashes.Release();
        Assert.AreEqual(0, (await board.ReceiveConnAckAsync()).Code);
        await Patience.Until(() => gateway.Logins.Waiting == 0, "the end of all hashes");

        // Each address was found wrong once, and then what else it had went behind.
        int place = _hashes.Passwords.ToList().IndexOf("right");
        Assert.IsLessThanOrEqualTo(24, place, string.Join(", ", _hashes.Passwords));
    }

    [TestMethod]
    public async Task Login_WaitsLongerThanAConnectMay_IsNotWorkedOut()
    {
        await using TestGateway gateway = Start();
        List<TestClient> waiting = [];
        for (int i = 0; i < 6; i++)
            waiting.Add(await SendAsync(gateway, "board", $"wrong {i}"));
        await Patience.Until(() => _hashes.Begun == 2, "two threads at work");
        gateway.Time.Advance(TimeSpan.FromSeconds(11));
        _hashes.Release();
        await Patience.Until(() => gateway.Logins.Waiting == 0, "the end of all hashes");

        Assert.AreEqual(2, _hashes.Begun);
    }

    [TestMethod]
    public async Task LoginsRememberedMax_Reached_FurtherUserWorkedOutEachTime()
    {
        await using TestGateway gateway = Start(l => l.LoginsRememberedMax = 1);
        _hashes.Release();
        foreach (string user in new[] { "board", "other", "board", "other" })
            Assert.AreEqual(0, (await (await SendAsync(gateway, user, "right")).ReceiveConnAckAsync()).Code);
        Assert.AreEqual(3, _hashes.Begun);
    }

    [TestMethod]
    public async Task LoginDelayMsMax_AfterWrongPasswords_NextLoginWaitsSoLongAtMostAndAnAddressOfAnotherNotAtAll()
    {
        await using TestGateway gateway = Start(l => l.LoginDelayMsMax = 1000);
        _hashes.Release();
        for (int i = 0; i < 3; i++)
            _ = await (await SendAsync(gateway, $"nobody{i}", "wrong", There)).ReceiveConnAckAsync();
        TestClient slowed = await SendAsync(gateway, "other", "right", There);
        TestClient elsewhere = await SendAsync(gateway, "board", "right");
        Assert.AreEqual(0, (await elsewhere.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(4, _hashes.Begun);
        Assert.IsNull(slowed.TryReceiveNow());
        gateway.Time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.AreEqual(0, (await slowed.ReceiveConnAckAsync()).Code);

        // Each wrong one doubles it, up to the limit.
        for (int i = 3; i < 10; i++)
        {
            TestClient wrong = await SendAsync(gateway, $"nobody{i}", "wrong", There);
            gateway.Time.Advance(TimeSpan.FromMilliseconds(1000));
            _ = await wrong.ReceiveConnAckAsync();
        }

        // Who is remembered never waits.
        TestClient known = await SendAsync(gateway, "board", "right", There);
        Assert.AreEqual(0, (await known.ReceiveConnAckAsync()).Code);
    }

    // A password of the settings that is not hashed is right without a hash, and one is worked out for its time: that nobody's hash did not fit counted as a wrong password. The
    // fourth login to the console waited for 250 ms, the eighth for 4 s.
    [TestMethod]
    public async Task Login_KnownToBeRight_IsNoWrongPassword()
    {
        FakeTime time = new();
        using Logins logins = new(new GatewayLimits(), time, _hashes.Check);
        _hashes.Release();
        for (int i = 0; i < 10; i++)
        {
            Assert.IsTrue(logins.TryBegin("plain", HeldHashes.Of("nobody's"), "as it is"u8.ToArray(), There, out Task<LoginOutcome>? login, known: true));
            Assert.AreEqual(LoginOutcome.Right, await Patience.Within(login, $"login {i}"));
        }

        Assert.AreEqual(10, _hashes.Begun);
        Assert.IsTrue(logins.TryBegin("plain", HeldHashes.Of("nobody's"), "wrong"u8.ToArray(), There, out Task<LoginOutcome>? wrong, known: false));
        Assert.AreEqual(LoginOutcome.Wrong, await Patience.Within(wrong, "a wrong one"));
    }

    [TestMethod]
    public async Task LoginDelayMsMax_WrongPasswordsOfManyAddresses_NextForThatNameWaits()
    {
        await using TestGateway gateway = Start();
        _hashes.Release();
        for (int i = 0; i < 3; i++)
            _ = await (await SendAsync(gateway, "board", "wrong")).ReceiveConnAckAsync();
        TestClient slowed = await SendAsync(gateway, "board", "right");
        TestClient other = await SendAsync(gateway, "other", "right");
        Assert.AreEqual(0, (await other.ReceiveConnAckAsync()).Code);
        Assert.IsNull(slowed.TryReceiveNow());
        gateway.Time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.AreEqual(0, (await slowed.ReceiveConnAckAsync()).Code);
    }
}
