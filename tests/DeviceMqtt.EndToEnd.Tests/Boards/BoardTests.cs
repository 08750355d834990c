using System.Text.Json;
using DeviceMqtt.Simulator;

namespace DeviceMqtt.EndToEnd.Tests.Boards;

/// <summary>Virtual boards, which run the firmware's own code, through the gateway to mosquitto upstream, and back.</summary>
[TestClass]
public sealed class BoardTests
{
    [TestMethod]
    public async Task Board_PowerOn_PresenceBirthAndTelemetryArriveUpstream()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        await using VirtualBoard board = Board(relayed.Gateway, 1);

        board.Start();

        await cloud.WaitFor($"presence/{ClientIdOf(1)}", "true");
        JsonElement info = Cloud.Read(await cloud.Messages.WaitFor(message => message.Topic == "dm/board-1/info", "the birth"));
        Assert.AreEqual(ClientIdOf(1), info.GetProperty("id").GetString());
        Assert.AreEqual("Cel", info.GetProperty("tele").GetProperty("climate").GetProperty("temp").GetString());
        Assert.AreSequenceEqual(Enumerable.Range(1, 5), (await cloud.WaitForClimate("board-1", 5)).Take(5).ToArray());
    }

    [TestMethod]
    public async Task Command_FromUpstream_IsCarriedOutByThatBoardAloneAndAnswered()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        VirtualBoard[] boards = await PowerOn(relayed, count: 3);
        try
        {
            JsonElement answer = await cloud.Ask(ClientIdOf(2), "relay.set", """{"on":true}""");

            Assert.AreEqual(("ok", true), (answer.GetProperty("st").GetString(), answer.GetProperty("res").GetProperty("on").GetBoolean()));
            Assert.AreSequenceEqual([false, true, false], boards.Select(board => board.IsRelayOn).ToArray());
            await cloud.Messages.WaitFor(message => message.Topic == "dm/board-2/evt/relay", "the event of the relay");
        }
        finally
        {
            await PowerOff(boards);
        }
    }

    [TestMethod]
    public async Task Command_SentTwiceUnderOneId_IsCarriedOutOnceAndAnsweredTwice()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        VirtualBoard[] boards = await PowerOn(relayed, count: 1);
        try
        {
            string on = $$"""{"id":"same","cmd":"relay.set","args":{"on":true},"from":"{{Cloud.ClientId}}"}""";
            await cloud.Send(ClientIdOf(1), on);
            string first = (await cloud.Answer("same")).GetRawText();
            await cloud.Ask(ClientIdOf(1), "relay.set", """{"on":false}""");
            int before = cloud.Messages.Count;

            await cloud.Send(ClientIdOf(1), on);

            Assert.AreEqual(first, (await cloud.Answer("same", before)).GetRawText());
            Assert.IsFalse(boards[0].IsRelayOn, "a repeated command must not be carried out again");
        }
        finally
        {
            await PowerOff(boards);
        }
    }

    [TestMethod]
    public async Task Command_UnknownOrBroken_IsAnsweredWithAnErrorAndTheBoardGoesOn()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        VirtualBoard[] boards = await PowerOn(relayed, count: 1);
        try
        {
            Assert.AreEqual("err", (await cloud.Ask(ClientIdOf(1), "no.such.command")).GetProperty("st").GetString());
            Assert.AreEqual("err", (await cloud.Ask(ClientIdOf(1), "relay.set", """{"on":"perhaps"}""")).GetProperty("st").GetString());
            await cloud.Send(ClientIdOf(1), "{ this is no JSON");
            await cloud.Send(ClientIdOf(1), "");

            Assert.AreEqual("ok", (await cloud.Ask(ClientIdOf(1), "ping")).GetProperty("st").GetString());
        }
        finally
        {
            await PowerOff(boards);
        }
    }

    [TestMethod]
    public async Task Board_PowerFails_PresenceIsFalseUpstreamAndTrueAfterTheNextBoot()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        VirtualBoard[] boards = await PowerOn(relayed, count: 1);
        await cloud.WaitFor($"presence/{ClientIdOf(1)}", "true");
        int before = cloud.Messages.Count;

        await PowerOff(boards);
        await cloud.WaitFor($"presence/{ClientIdOf(1)}", "false", before);
        before = cloud.Messages.Count;
        await using VirtualBoard again = Board(relayed.Gateway, 1);
        again.Start();

        await cloud.WaitFor($"presence/{ClientIdOf(1)}", "true", before);
    }

    [TestMethod]
    public async Task Board_CleanStop_SaysItselfThatItGoes()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        VirtualBoard[] boards = await PowerOn(relayed, count: 1);

        await boards[0].StopAsync();

        await cloud.WaitFor($"presence/{ClientIdOf(1)}", "false");
        await PowerOff(boards);
    }

    [TestMethod]
    public async Task Board_WiFiDropsTwice_NoReadingIsMissingUpstream()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        VirtualBoard[] boards = await PowerOn(relayed, count: 1);
        try
        {
            await cloud.WaitForClimate("board-1", 3);
            boards[0].DropLink();
            await cloud.WaitForClimate("board-1", 10);
            boards[0].DropLink();

            IReadOnlyList<int> numbers = await cloud.WaitForClimate("board-1", 20);
            Assert.AreSequenceEqual(Enumerable.Range(1, 20), numbers.Distinct().Take(20).ToArray());
        }
        finally
        {
            await PowerOff(boards);
        }
    }

    [TestMethod]
    public async Task Upstream_DownAndUpAgain_NoReadingOfAnyBoardIsMissing()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start();
        await using Cloud cloud = await Cloud.Start(relayed.Upstream);
        VirtualBoard[] boards = await PowerOn(relayed, count: 3);
        try
        {
            await cloud.WaitForClimate("board-3", 3);
            await relayed.Upstream.Down();
            // The outage lasts until a board has measured ten times more.
            await using (MosquittoSub local = await MosquittoSub.Start(relayed.Gateway, "dm/board-1/tele/climate"))
            {
                await local.Messages.WaitForCount(10);
            }

            await relayed.Upstream.Up();

            foreach (string device in (string[])["board-1", "board-2", "board-3"])
            {
                IReadOnlyList<int> numbers = await cloud.WaitForClimate(device, 20);
                Assert.AreSequenceEqual(Enumerable.Range(1, 20), numbers.Distinct().Take(20).ToArray(), device);
            }
        }
        finally
        {
            await PowerOff(boards);
        }
    }

    [TestMethod]
    public async Task Gateway_KilledAndStartedAgain_BoardsComeBackByThemselves()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await using Cloud cloud = await Cloud.Start(upstream);
        string[] listen = ["--listen", $"{BrokerUnderTest.Host}:{FreePorts.Take()}", .. RelayedGateway.ArgumentsFor(upstream)];
        await using GatewayProcess first = await GatewayProcess.StartExactly([.. listen, "--http", "off"], listeners: 1, http: false);
        await using VirtualBoard board = Board(first, 1);
        board.Start();
        await cloud.WaitForClimate("board-1", 3);

        await first.Process.Kill();
        int before = cloud.Messages.Count;
        await using GatewayProcess second = await GatewayProcess.StartExactly([.. listen, "--http", "off"], listeners: 1, http: false);

        await cloud.WaitFor($"presence/{ClientIdOf(1)}", "true", before);
        // Without a data folder it does not know how long the Session upstream was without it: a command that does not say until when it is good would be too old.
        long until = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds();
        await cloud.Send(ClientIdOf(1), $$"""{"id":"again","cmd":"ping","args":{},"from":"{{Cloud.ClientId}}","exp":{{until}}}""");
        Assert.AreEqual("ok", (await cloud.Answer("again")).GetProperty("st").GetString());
    }

    private static string ClientIdOf(int number) => $"GID_test@@@board-{number}";

    private static VirtualBoard Board(BrokerUnderTest gateway, int number) => new(new VirtualBoardOptions
    {
        Host = BrokerUnderTest.Host,
        Port = gateway.Port,
        ClientId = ClientIdOf(number),
        Seed = number,
        Period = TimeSpan.FromMilliseconds(100),
        Tick = TimeSpan.FromMilliseconds(10),
        BackoffFirst = TimeSpan.FromMilliseconds(50),
        BackoffMax = TimeSpan.FromMilliseconds(500),
    });

    /// <summary>Starts that many boards and returns when commands from upstream reach them.</summary>
    private static async Task<VirtualBoard[]> PowerOn(RelayedGateway relayed, int count)
    {
        VirtualBoard[] boards = [.. Enumerable.Range(1, count).Select(number => Board(relayed.Gateway, number))];
        foreach (VirtualBoard board in boards)
        {
            board.Start();
        }

        await Task.WhenAll(boards.Select(board => relayed.WaitForCommandPath(board.Options.ClientId)));
        return boards;
    }

    private static Task PowerOff(VirtualBoard[] boards) => Task.WhenAll(boards.Select(board => board.DisposeAsync().AsTask()));
}
