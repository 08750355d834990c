using System.Text.Json;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>
/// A board behind a gateway below is as it says itself. It was shown as online for as long as its gateway was connected: switched off for a month, moved elsewhere, asleep.
/// </summary>
[TestClass]
public sealed class BelowTests
{
    private const string Kitchen = "GID_home@@@kitchen";
    private const string Presence = "presence/" + Kitchen;

    [TestMethod]
    public async Task Board_BehindAGatewayBelow_IsOnlineAndThenOfflineAsItSays()
    {
        await using ConsoleUnderTest upper = await UpperAsync();
        await using ConsoleUnderTest lower = await LowerAsync(upper);
        TcpBoard board = await ComeAsync(lower);
        JsonElement here = await UntilAsync(upper, "online");
        Assert.AreEqual("behind the gateway lower", here.GetProperty("why").GetString());
        Assert.AreNotEqual(0, here.GetProperty("since").GetInt64());

        await LeaveAsync(board);

        JsonElement gone = await UntilAsync(upper, "offline");
        Assert.AreEqual("behind the gateway lower: gone", gone.GetProperty("why").GetString());
        _ = await upper.UntilAsync("devices?q=state:offline", static d => d.GetProperty("matched").GetInt32() == 1 && d.GetProperty("facets").GetProperty("offline").GetInt32() == 1);
        Assert.AreEqual("offline", (await upper.GetAsync("devices/kitchen")).GetProperty("row").GetProperty("state").GetString());
    }

    [TestMethod]
    public async Task Board_ItsGatewayGoes_NobodyIsCalledOnline()
    {
        await using ConsoleUnderTest upper = await UpperAsync();
        ConsoleUnderTest lower = await LowerAsync(upper);
        using TcpBoard board = await ComeAsync(lower);
        _ = await UntilAsync(upper, "online");

        await lower.DisposeAsync();

        JsonElement gone = await UntilAsync(upper, "offline");
        Assert.AreEqual("behind the gateway lower: that gateway is away", gone.GetProperty("why").GetString());
    }

    // Its old gateway goes on asking for its commands.
    [TestMethod]
    public async Task Board_MovedUpAndLeft_IsAsItWasHere()
    {
        await using ConsoleUnderTest upper = await UpperAsync();
        await using ConsoleUnderTest lower = await LowerAsync(upper);
        await LeaveAsync(await ComeAsync(lower));
        _ = await UntilAsync(upper, "offline");

        TcpBoard board = await ComeAsync(upper);
        JsonElement here = await UntilAsync(upper, "online");
        Assert.AreEqual("connected", here.GetProperty("why").GetString());
        await LeaveAsync(board);

        JsonElement gone = await UntilAsync(upper, "offline");
        Assert.AreEqual("said goodbye", gone.GetProperty("why").GetString());
    }

    [TestMethod]
    public async Task Board_MovedDownAgain_IsAsItSaysThere()
    {
        await using ConsoleUnderTest upper = await UpperAsync();
        await using ConsoleUnderTest lower = await LowerAsync(upper);
        await LeaveAsync(await ComeAsync(upper));
        _ = await UntilAsync(upper, "offline");
        // What was told a second ago and what is told now are one event.
        await upper.UntilAsync("devices/kitchen", static d => d.GetProperty("now").GetInt64() - d.GetProperty("row").GetProperty("since").GetInt64() > 1_500);

        using TcpBoard board = await ComeAsync(lower);

        JsonElement there = await UntilAsync(upper, "online");
        Assert.AreEqual("behind the gateway lower", there.GetProperty("why").GetString());
    }

    // A Pi has no clock of its own: it is set when the network is there. What was told before then looked newer than what came behind it, or the other way round.
    [TestMethod]
    public async Task Board_MovedUpAndLeftBeforeTheClockIsSetBack_IsAsItWasHere()
    {
        SetClock clock = new();
        await using ConsoleUnderTest upper = await UpperAsync(clock);
        await using ConsoleUnderTest lower = await LowerAsync(upper);
        await LeaveAsync(await ComeAsync(lower));
        _ = await UntilAsync(upper, "offline");
        TcpBoard board = await ComeAsync(upper);
        _ = await UntilAsync(upper, "online");
        clock.By = TimeSpan.FromHours(-1);
        await LeaveAsync(board);

        JsonElement gone = await UntilAsync(upper, "offline");
        Assert.AreEqual("said goodbye", gone.GetProperty("why").GetString());
    }

    [TestMethod]
    public async Task Board_MovedDownBeforeTheClockIsSetForward_IsAsItSaysThere()
    {
        SetClock clock = new();
        await using ConsoleUnderTest upper = await UpperAsync(clock);
        await using ConsoleUnderTest lower = await LowerAsync(upper);
        await LeaveAsync(await ComeAsync(upper));
        _ = await UntilAsync(upper, "offline");
        await upper.UntilAsync("devices/kitchen", static d => d.GetProperty("now").GetInt64() - d.GetProperty("row").GetProperty("since").GetInt64() > 1_500);
        using TcpBoard board = await ComeAsync(lower);
        _ = await UntilAsync(upper, "online");

        clock.By = TimeSpan.FromHours(1);

        JsonElement now = await upper.GetAsync("devices/kitchen");
        Assert.AreEqual("online", now.GetProperty("row").GetProperty("state").GetString());
    }

    /// <summary>The clock of the machine, until somebody sets it.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }

    [TestMethod]
    [DataRow(3600, "asleep")]
    [DataRow(-3600, "overdue")]
    public async Task Board_BehindAGatewayBelowThatWentToSleep_AsleepThenOverdue(int seconds, string state)
    {
        await using ConsoleUnderTest upper = await UpperAsync();
        await using ConsoleUnderTest lower = await LowerAsync(upper);
        TcpBoard board = await ComeAsync(lower);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen, $",\"sleepUntil\":{DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds}"), retain: true);
        await LeaveAsync(board);

        JsonElement row = await UntilAsync(upper, state);
        Assert.StartsWith("behind the gateway lower: ", row.GetProperty("why").GetString()!, StringComparison.Ordinal);
    }

    // A rule that brings readings and no presence: what it has told lately is all that is known.
    [TestMethod]
    public async Task Board_WhosePresenceDoesNotComeUp_IsOnlineWhileItIsHeard()
    {
        await using ConsoleUnderTest upper = await UpperAsync();
        await using ConsoleUnderTest lower = await LowerAsync(upper, static options => options.Relay.Rules = [new RelayRule { Filter = "dm/#" }]);
        using TcpBoard board = await ComeAsync(lower);
        await board.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":21.5,"hum":44.8}""");

        JsonElement row = await UntilAsync(upper, "online");
        Assert.AreEqual("behind the gateway lower: heard of, and no presence is told", row.GetProperty("why").GetString());
    }

    private static Task<ConsoleUnderTest> UpperAsync(TimeProvider? clock = null) => ConsoleUnderTest.StartInAsync(
        static options =>
        {
            options.Security.Users["lower"] = "secret";
            options.Security.Roles["lower"] = "bridge";
        },
        time: clock);

    private static Task<ConsoleUnderTest> LowerAsync(ConsoleUnderTest upper, Action<GatewayOptions>? change = null) => ConsoleUnderTest.StartAsync(options =>
    {
        options.Upstream = $"mqtt://lower:secret@{upper.Host.MqttEndPoints.First()}";
        options.Relay.ClientId = "lower";
        change?.Invoke(options);
    });

    // As our boards do: presence first, then the birth.
    private static async Task<TcpBoard> ComeAsync(ConsoleUnderTest gateway)
    {
        TcpBoard board = await gateway.ConnectAsync(Kitchen);
        await board.PublishAsync(Presence, "true", retain: true);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        return board;
    }

    private static async Task LeaveAsync(TcpBoard board)
    {
        await board.PublishAsync(Presence, "false", retain: true);
        await board.DisconnectAsync();
        await board.ExpectEndAsync();
        board.Dispose();
    }

    private static async Task<JsonElement> UntilAsync(ConsoleUnderTest upper, string state) =>
        (await upper.UntilAsync("devices", d => d.GetProperty("devices") is { } rows && rows.GetArrayLength() == 1 && rows[0].GetProperty("state").GetString() == state)).GetProperty("devices")[0];
}
