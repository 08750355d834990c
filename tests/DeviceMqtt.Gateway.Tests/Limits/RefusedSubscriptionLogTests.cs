using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>Who does not get what it subscribes to is said, and a client that asks for it again and again does not fill the log.</summary>
[TestClass]
internal sealed class RefusedSubscriptionLogTests
{
    private readonly FakeTime _time = new();
    private readonly RecordingLog _log = new();
    private Turn? _turn;

    [TestMethod]
    public void Refused_AgainAndAgain_OnceAtOnceAndThenACountAMinute()
    {
        ConnectionEvents events = Events();
        for (int i = 0; i < 1_000; i++)
            events.SubscriptionRefused(Client("panel"), $"t/{i}", ReasonCode.NotAuthorized, "why not");
        Assert.Contains("client 'panel' (no user): its subscription to 't/0' is refused, NotAuthorized: why not", Assert.ContainsSingle(_log.Lines), StringComparison.Ordinal);
        events.SubscriptionRefused(Client("panel"), "t", ReasonCode.QuotaExceeded, "too many");
        Assert.HasCount(2, _log.Lines);

        Minute(events);
        Assert.Contains("client 'panel': 999 more subscriptions refused within a minute, NotAuthorized", _log.Lines.Last(), StringComparison.Ordinal);
        Assert.HasCount(3, _log.Lines);
        Minute(events); // forgotten
        events.SubscriptionRefused(Client("panel"), "t/0", ReasonCode.NotAuthorized, "why not");
        Assert.HasCount(4, _log.Lines);
    }

    [TestMethod]
    public void Refused_OfMoreThanHaveALine_TheOthersCountedTogether()
    {
        ConnectionEvents events = Events();
        for (int i = 0; i < RefusedSubscriptionLog.NamedMax + 5; i++)
            events.SubscriptionRefused(Client($"c{i}"), "t", ReasonCode.NotAuthorized, "why not");
        Assert.HasCount(RefusedSubscriptionLog.NamedMax, _log.Lines);
        events.ReportRest();
        Assert.Contains("other clients: 5 more subscriptions refused", _log.Lines.Last(), StringComparison.Ordinal);
    }

    [TestMethod]
    public void Filter_OfAnyLengthAndLetters_HarmsNoLine()
    {
        Events().SubscriptionRefused(Client("c"), "\u202e\n" + new string('x', 65_000), ReasonCode.NotAuthorized, "why not");
        string line = Assert.ContainsSingle(_log.Lines);
        Assert.IsFalse(line.Any(static c => c is '\u202e' or '\n'));
        Assert.IsLessThan(500, line.Length);
    }

    private void Minute(ConnectionEvents events)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        using Turn.Scope scope = _turn!.Enter();
        events.ReportWithheldLines();
    }

    private static ClientName Client(string id) => new(1, id, UserName: null, Remote: null);

    private ConnectionEvents Events() => new(_log, new LogOptions(), new GatewayLimits(), _turn = new Ground(_time, new GatewayLimits()).Turn);
}
