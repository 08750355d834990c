using System.Net;
using System.Text.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>
/// Commands of the console on a machine whose clock nobody has set yet, as a Raspberry Pi has it behind each start. They said by that clock when they were over, and ended at once, or as soon as
/// the network had set it.
/// </summary>
[TestClass]
public sealed class CommandClockTests
{
    private const string Kitchen = "GID_home@@@kitchen";

    [TestMethod]
    [DataRow(-20_000), DataRow(-9)] // days: in 1971, and not so long ago
    public async Task Command_ClockNotSet_ReachesTheBoard(int days)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(time: new WrongClock { Offset = TimeSpan.FromDays(days) });
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);

        _ = await console.SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command = "ping", seconds = 30 }, HttpStatusCode.Accepted);

        JsonElement envelope = JsonDocument.Parse((await board.TakeAsync()).Payload).RootElement;
        Assert.IsFalse(envelope.TryGetProperty("exp", out _), "nobody vouches for the clock");
        Assert.AreEqual(30, envelope.GetProperty("ttl").GetInt32());
    }

    [TestMethod]
    public async Task Command_Waits_ClockIsSetForwardByHours_StillDelivered()
    {
        WrongClock time = new() { Offset = TimeSpan.FromHours(-5) };
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(time: time);
        await console.VisitAsync(Kitchen);
        JsonElement sent = await console.SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command = "ping", seconds = 3600 }, HttpStatusCode.Accepted);

        time.Offset = TimeSpan.Zero;

        using TcpBoard board = await console.ConnectAsync(Kitchen);
        JsonElement envelope = JsonDocument.Parse((await board.TakeAsync()).Payload).RootElement;
        Assert.AreEqual(sent.GetProperty("id").GetString(), envelope.GetProperty("id").GetString());
    }

    [TestMethod]
    public async Task Command_ClockIsVouchedFor_SaysWhenItIsOver()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        console.Host.Broker.Clock.Vouched = static _ => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        _ = await console.SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command = "ping", seconds = 30 }, HttpStatusCode.Accepted);

        JsonElement envelope = JsonDocument.Parse((await board.TakeAsync()).Payload).RootElement;
        Assert.IsFalse(envelope.TryGetProperty("ttl", out _), "a board with a clock knows how long it was on its way");
        Assert.IsInRange(before + 29, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 31, envelope.GetProperty("exp").GetInt64());
    }

    // Its timers are those of the machine.
    private sealed class WrongClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
