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
    public void KeepAlive_NeverAsked_NotDead() => Assert.IsFalse(_keepAlive.IsDead(long.MaxValue));
}
