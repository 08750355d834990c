using System.Globalization;
using System.Text;
using System.Text.Json;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>Readings of boards without a clock, placed in time by the gateway's.</summary>
[TestClass]
internal sealed class BootTimesTests
{
    // A month in which neither the board nor the gateway knows the time; the board's crystal is off by 40 millionths, it restarts now and then,
    // and half of its readings wait in its outbox for hours. Then the network is back.
    [TestMethod]
    [DataRow(1), DataRow(2), DataRow(3)]
    public void MonthWithoutInternet_EveryReadingWithinASecond(int seed)
    {
        Random random = new(seed);
        FakeTime time = new() { WallOffset = TimeSpan.FromDays(-20_000) };
        Ground ground = new(time, new GatewayLimits());
        BootTimes times = new(ground);
        List<(Message Message, long TrueMs)> readings = [];
        long boot = 0, bootedMs = 0, restartMs = 0;
        List<(string Payload, long TrueMs)> outbox = [];
        long endMs = time.GetTimestamp() + (30L * 24 * 3600 * 1000);
        while (time.GetTimestamp() < endMs)
        {
            time.Advance(TimeSpan.FromMinutes(5));
            long nowMs = time.GetTimestamp();
            if (nowMs >= restartMs)
            {
                (boot, bootedMs, restartMs) = (boot + 1, nowMs, nowMs + random.Next(1, 8 * 24) * 3600L * 1000);
                times.Note("dev", boot, 0, nowMs + random.Next(400));
            }

            long upMs = (long)((nowMs - bootedMs) * 1.00004);
            if (random.Next(2) == 0)
            {
                outbox.Add(($$"""{"n":1,"up":{{upMs}},"b":{{boot}},"x":1,"h":1}""", nowMs));
                continue;
            }

            Arrive($$"""{"n":1,"up":{{upMs}},"b":{{boot}},"x":1}""", nowMs, random.Next(400));
            if (random.Next(40) != 0)
                continue;
            foreach ((string payload, long trueMs) in outbox)
                Arrive(payload, trueMs, nowMs - trueMs + random.Next(400));
            outbox.Clear();
        }

        time.WallOffset = TimeSpan.Zero;

        // As the relay does: each when it leaves.
        foreach ((Message message, long trueMs) in readings)
            AssertPlaced(message, trueMs);

        void Arrive(string payload, long trueMs, long onItsWayMs)
        {
            Message message = new() { Topic = "t", TopicUtf8 = [], Payload = Encoding.UTF8.GetBytes(payload), QoS = QoS.AtLeastOnce, AcceptedMs = trueMs + onItsWayMs };
            readings.Add((message, trueMs));
            // It waits, and nobody knows the time yet.
            using Turn.Scope scope = ground.Turn.Enter();
            times.Observe("dev", message);
            Assert.AreEqual(payload, Encoding.UTF8.GetString(times.Place("dev", message)));
        }

        void AssertPlaced(Message message, long trueMs)
        {
            using Turn.Scope scope = ground.Turn.Enter();
            using JsonDocument placed = JsonDocument.Parse(times.Place("dev", message).ToArray());
            double truth = ground.Clock.ToUnixMs(trueMs) / 1000.0;
            double told = double.Parse(placed.RootElement.GetProperty("t").GetRawText(), CultureInfo.InvariantCulture);
            Assert.IsLessThan(1.0, Math.Abs(told - truth), $"{Encoding.UTF8.GetString(message.Payload)}: {told - truth:F3} s off");
        }
    }

    // The gateway was without power, nobody knows how long; then the network says what time it is.
    [TestMethod]
    [DataRow("""{"n":1,"up":60000,"b":1,"x":1}""", -50_000L, 2, -50_000L, DisplayName = "came before, of a boot that is over: somewhere")]
    [DataRow("""{"n":1,"up":60000,"b":2,"x":1}""", -50_000L, 1, -7_140_000L, DisplayName = "came before, of a boot that goes on: the board has counted")]
    [DataRow("""{"n":1,"up":60000,"b":2,"x":1,"h":1}""", 0L, 1, -7_140_000L, DisplayName = "comes late, of a boot that goes on")]
    [DataRow("""{"n":1,"up":60000,"b":1,"x":1,"h":1}""", 0L, 2, -130_000L, DisplayName = "comes late, of a boot that is over: somewhere")]
    [DataRow("""{"n":1,"up":60000,"b":3,"x":1}""", 0L, 1, 0L, DisplayName = "comes now")]
    public void TimeIsMissing_ReadingFromBefore_IsPlacedByItsBootOrMarked(string payload, long acceptedMs, int quality, long measuredMs)
    {
        FakeTime time = new();
        Ground ground = new(time, new GatewayLimits());
        BootTimes times = new(ground);
        time.Advance(TimeSpan.FromHours(1));
        using Turn.Scope scope = ground.Turn.Enter();
        long nowMs = ground.Turn.NowMs;
        ground.Clock.Vouched = monotonicMs => 1_800_000_000_000 + monotonicMs - nowMs;
        ground.Running.GaplessSinceMs = ground.Running.Of(nowMs - 10_000);
        times.Note("dev", 1, 0, nowMs - 190_000);
        times.Note("dev", 2, 0, nowMs - 100_000);
        times.Note("dev", 2, 7_200_000, nowMs);
        using JsonDocument placed = Placed(times, payload, nowMs + acceptedMs);
        Assert.AreEqual(quality, placed.RootElement.GetProperty("q").GetInt32());
        Assert.AreEqual(1_800_000_000.0 + (measuredMs / 1000.0), placed.RootElement.GetProperty("t").GetDouble(), 0.001);
    }

    // Three days beyond all that is known of a boot, a clock that is off by 20 millionths is off by five seconds.
    [TestMethod]
    [DataRow(11, 1)]
    [DataRow(72, 2)]
    public void Boot_FarFromWhatIsKnownOfIt_IsNotSure(int hours, int quality)
    {
        FakeTime time = new();
        Ground ground = new(time, new GatewayLimits());
        BootTimes times = new(ground);
        time.Advance(TimeSpan.FromDays(5));
        using Turn.Scope scope = ground.Turn.Enter();
        long nowMs = ground.Turn.NowMs;
        ground.Clock.Vouched = monotonicMs => 1_800_000_000_000 + monotonicMs - nowMs;
        times.Note("dev", 1, 0, nowMs - (100L * 3_600_000));
        string payload = $$"""{"n":1,"up":{{hours * 3_600_000L}},"b":1,"x":1,"h":1}""";
        using JsonDocument placed = Placed(times, payload, nowMs);
        Assert.AreEqual(quality, placed.RootElement.GetProperty("q").GetInt32());
    }

    // The first names stayed until a restart, and a board that was new had no place.
    [TestMethod]
    public void KnownDevicesMax_OtherNamesCameBefore_TheNewestBoardIsPlaced()
    {
        FakeTime time = new();
        Ground ground = new(time, new GatewayLimits { KnownDevicesMax = 4 });
        BootTimes times = new(ground);
        time.Advance(TimeSpan.FromHours(1));
        using Turn.Scope scope = ground.Turn.Enter();
        long nowMs = ground.Turn.NowMs;
        ground.Clock.Vouched = monotonicMs => 1_800_000_000_000 + monotonicMs - nowMs;
        for (int i = 0; i < 10; i++)
            times.Note($"other{i}", 1, 0, nowMs - 60_000);
        times.Note("dev", 1, 0, nowMs - 60_000);

        using JsonDocument placed = Placed(times, """{"n":1,"up":0,"b":1,"x":1,"h":1}""", nowMs);

        Assert.AreEqual(1_799_999_940.0, placed.RootElement.GetProperty("t").GetDouble(), 0.001);
    }

    private static JsonDocument Placed(BootTimes times, string payload, long acceptedMs)
    {
        Message reading = new() { Topic = "t", TopicUtf8 = [], Payload = Encoding.UTF8.GetBytes(payload), QoS = QoS.AtLeastOnce, AcceptedMs = acceptedMs };
        return JsonDocument.Parse(times.Place("dev", reading).ToArray());
    }
}
