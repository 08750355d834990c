using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What became of the commands of the console: nothing is over before its time, and what comes late is told all the same.</summary>
[TestClass]
public sealed class CommandBookTests
{
    private const long TimeToLiveMs = 60_000;
    private readonly FakeTime _time = new();
    private readonly Ground _ground;
    private readonly CommandBook _book;
    private readonly CommandRecord _record;

    public CommandBookTests()
    {
        _ground = new Ground(_time, new GatewayLimits());
        _book = new CommandBook(_ground.Clock, _ground.Turn);
        long now = _ground.Clock.NowUnixMs;
        _record = new CommandRecord("k7", "kitchen", "relay.set", "", "anna", now, now + TimeToLiveMs, _ground.Turn.MonotonicMs() + TimeToLiveMs);
        _book.Add(_record);
    }

    private void Beat()
    {
        using Turn.Scope scope = _ground.Turn.Enter();
        _book.Beat();
    }

    private string Steps => string.Join(',', _record.Steps.Select(static step => step.Name));

    // The time server set the clock by three hours: the command was "unanswered" at once, was sent again under another id, and was carried out twice.
    [TestMethod]
    public void Beat_ClockIsSetByHours_CommandGoesOn()
    {
        _time.WallOffset = TimeSpan.FromHours(3);
        Beat();
        Assert.IsFalse(_record.IsOver);

        _time.Advance(TimeSpan.FromMilliseconds(TimeToLiveMs + 11_000));
        Beat();
        Assert.IsTrue(_record.IsOver);
        Assert.AreEqual(Receipt.Unanswered, Steps);
    }

    [TestMethod]
    public void Receipt_AfterUnanswered_Told()
    {
        _time.Advance(TimeSpan.FromMilliseconds(TimeToLiveMs + 11_000));
        Beat();

        _book.ReceiptCame("kitchen", "k7", Receipt.Delivered, "");
        _book.ReceiptCame("kitchen", "k7", Receipt.Expired, "");
        _book.ReceiptCame("kitchen", "k7", Receipt.Queued, "");

        Assert.AreEqual($"{Receipt.Unanswered},{Receipt.Delivered},{Receipt.Expired}", Steps);
    }

    // The gateway's own receipt says it as well, a moment after the book has.
    [TestMethod]
    public void Receipt_UnansweredAfterUnanswered_ToldOnce()
    {
        _time.Advance(TimeSpan.FromMilliseconds(TimeToLiveMs + 11_000));
        Beat();

        _book.ReceiptCame("kitchen", "k7", Receipt.Expired, Receipt.Unanswered);

        Assert.AreEqual(Receipt.Unanswered, Steps);
    }

    // A command that was queued and handed over again for days was never over.
    [TestMethod]
    [DataRow(Receipt.Expired)]
    [DataRow(Receipt.Dropped)]
    public void Receipt_TerminalAfterTheLastStepThereIsRoomFor_Told(string status)
    {
        for (int i = 0; i < CommandRecord.StepsMax + 5; i++)
            _book.ReceiptCame("kitchen", "k7", Receipt.Queued, "");
        Assert.HasCount(CommandRecord.StepsMax, _record.Steps);

        _book.ReceiptCame("kitchen", "k7", status, "");
        _book.ReceiptCame("kitchen", "k7", status, "");

        Assert.IsTrue(_record.IsOver);
        Assert.HasCount(CommandRecord.StepsMax + 1, _record.Steps);
        Assert.AreEqual(status, _record.Steps[^1].Name);
    }
}
