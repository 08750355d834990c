using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>When the upstream is asked for a sign of life, and when it is given up.</summary>
[TestClass]
public sealed class UplinkKeepAliveTests
{
    private readonly UplinkKeepAlive _keepAlive = new(intervalMs: 30_000, answerMs: 10_000, nowMs: 1000);

    [TestMethod]
    public void KeepAlive_Asks_OncePerInterval()
    {
        Assert.IsFalse(_keepAlive.TryAsk(30_999));
        Assert.IsTrue(_keepAlive.TryAsk(31_000));
        Assert.IsFalse(_keepAlive.TryAsk(31_000));
        _keepAlive.Receive();
        Assert.IsFalse(_keepAlive.TryAsk(60_999));
        Assert.IsTrue(_keepAlive.TryAsk(61_000));
    }

    [TestMethod]
    public void KeepAlive_NothingCameInTime_Dead()
    {
        Assert.IsTrue(_keepAlive.TryAsk(31_000));
        Assert.IsFalse(_keepAlive.IsDead(40_999));
        Assert.IsTrue(_keepAlive.IsDead(41_000));
    }

    [TestMethod]
    public void KeepAlive_AnyPacketCame_Alive()
    {
        Assert.IsTrue(_keepAlive.TryAsk(31_000));
        _keepAlive.Receive();
        Assert.IsFalse(_keepAlive.IsDead(100_000));
    }

    [TestMethod]
    public void KeepAlive_AnswerMayTakeLongerThanTheInterval_AskedAgainAndDeadAfterTheFirst()
    {
        UplinkKeepAlive keepAlive = new(intervalMs: 4_000, answerMs: 10_000, nowMs: 0);
        Assert.IsTrue(keepAlive.TryAsk(4_000));
        Assert.IsTrue(keepAlive.TryAsk(8_000));
        Assert.IsTrue(keepAlive.TryAsk(12_000));
        Assert.IsFalse(keepAlive.IsDead(13_999));
        Assert.IsTrue(keepAlive.IsDead(14_000));
    }

    [TestMethod]
    public void KeepAlive_UntilDue_NextAskOrLateAnswer()
    {
        Assert.AreEqual(TimeSpan.FromSeconds(20), _keepAlive.UntilDue(11_000));
        Assert.IsTrue(_keepAlive.TryAsk(31_000));
        Assert.AreEqual(TimeSpan.FromSeconds(10), _keepAlive.UntilDue(31_000));
        Assert.AreEqual(TimeSpan.Zero, _keepAlive.UntilDue(50_000));
        _keepAlive.Receive();
        Assert.AreEqual(TimeSpan.FromSeconds(11), _keepAlive.UntilDue(50_000));
        Assert.AreEqual(Timeout.InfiniteTimeSpan, new UplinkKeepAlive(UplinkKeepAlive.Never, answerMs: 10_000, nowMs: 0).UntilDue(50_000));
    }

    [TestMethod]
    public void KeepAlive_NeverAsked_NotDead() => Assert.IsFalse(_keepAlive.IsDead(long.MaxValue));
}
