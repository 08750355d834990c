using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Watching;

internal sealed partial class DoctorTests
{
    // Found at the start, before the time server had answered: five hours later by the clock, and nobody had looked yet.
    [TestMethod]
    [DataRow(5)]
    [DataRow(-5)]
    public void Incident_ClockIsSet_StaysForAnHourOfRunningTime(int hours)
    {
        FakeTime time = new();
        Ground ground = new(time, new GatewayLimits());
        IncidentBook book = new(ground.Clock);
        book.Add(IncidentKind.Damaged, "pump");

        time.WallOffset = TimeSpan.FromHours(hours);
        book.Beat();
        Assert.IsNotNull(IncidentRules.Look(book.All.Single(), ground.Clock.NowMs, ground.Clock.NowUnixMs));

        time.Advance(TimeSpan.FromMinutes(61));
        Assert.IsNull(IncidentRules.Look(book.All.Single(), ground.Clock.NowMs, ground.Clock.NowUnixMs), "the cause is gone");
    }

    // "The journal is full." stood there twice, and a page took the one for the other.
    [TestMethod]
    public void JournalFull_TheStatusAndTheRefusals_AreTwoRules() =>
        Assert.AreNotEqual(GatewayRules.JournalNearBound(new JournalStatus() with { IsFull = true })?.Rule, IncidentRules.Look(new Incident(IncidentKind.JournalFull, "", Now) { Count = 5 }, Now, Now)?.Rule);

    // A clock that was set between two ends made a rhythm of none, and forgot what was a minute ago.
    [TestMethod]
    [DataRow(5)]
    [DataRow(-5)]
    public void Visits_ClockIsSet_JudgedInRunningTime(int hours)
    {
        FakeTime time = new();
        WallClock clock = new Ground(time, new GatewayLimits()).Clock;
        ClientBook book = new(clock, clientsMax: 10, bytesMax: 100_000);
        for (int i = 0; i < 4; i++)
        {
            book.Connected(i, "tank");
            time.Advance(TimeSpan.FromMinutes(1));
            _ = book.Ended(i, "tank", CloseReason.KeepAliveTimeout, null);
        }

        time.WallOffset = TimeSpan.FromHours(hours);

        Assert.AreEqual(4, ClientRules.KeepAliveTooShort(Client("tank", book.Of("tank")), clock.NowMs)?.Count);
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.IsNull(ClientRules.KeepAliveTooShort(Client("tank", book.Of("tank")), clock.NowMs), "the cause is gone");
    }
}
