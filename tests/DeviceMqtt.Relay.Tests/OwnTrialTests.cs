using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Which packet of the gateway's own an upstream closes for, and when what was left out for that is tried again.</summary>
[TestClass]
public sealed class OwnTrialTests
{
    private static readonly UplinkEnd Lost = new(UplinkEndReason.ConnectionLost, "");

    [TestMethod]
    public void LeftOut_Several_OneConnectionAnHourEndsForThemHoweverManyTheyAre()
    {
        OwnTrial trial = new();
        string[] names = [OwnTrial.Subscribe("a"), OwnTrial.Subscribe("b"), OwnTrial.Publish("c")];
        foreach (string name in names)
            LeaveOut(trial, name, nowMs: 0);
        int ends = 0;
        for (long nowMs = 0; nowMs <= LaterTry.DayMs; nowMs += 60_000)
        {
            _ = trial.Begin();
            if (trial.TryAgain(nowMs) is not { } name)
                continue;
            Assert.IsNull(trial.TryAgain(nowMs), "one at a time");
            Assert.IsFalse(trial.IsLeftOut(name));
            trial.Sent(name);
            Assert.AreEqual(name, trial.End(Lost, nowMs)!.Value.Name);
            Assert.IsTrue(trial.IsLeftOut(name));
            ends++;
        }

        Assert.IsGreaterThanOrEqualTo(names.Length * 3, ends, "each is tried again and again");
        Assert.IsLessThanOrEqualTo(24, ends);
    }

    [TestMethod]
    public void LeftOut_LinkGoesForAnotherReason_TriedAgainOnTheNext()
    {
        OwnTrial trial = new();
        string name = OwnTrial.Subscribe("a");
        LeaveOut(trial, name, nowMs: 0);
        _ = trial.Begin();
        Assert.IsNull(trial.TryAgain(LaterTry.HourMs - 1));
        Assert.AreEqual(name, trial.TryAgain(LaterTry.HourMs));
        trial.Sent(name);
        Assert.IsNull(trial.End(new UplinkEnd(UplinkEndReason.PingTimeout, ""), LaterTry.HourMs));
        _ = trial.Begin();
        Assert.AreEqual(name, trial.TryAgain(LaterTry.HourMs));
        trial.Sent(name);
        Assert.IsTrue(trial.Answered(name));
        Assert.IsFalse(trial.IsLeftOut(name));
    }

    // An upstream that was silent for some minutes had a gateway offline for an hour behind that.
    [TestMethod]
    public void LeftOut_NothingWasAcknowledged_TriedAgainAfterAMinuteThenTwo()
    {
        OwnTrial trial = new();
        string name = OwnTrial.Publish("presence/gw");
        UplinkEnd silent = new(UplinkEndReason.AckTimeout, "");
        LeaveOut(trial, name, nowMs: 0, silent);
        _ = trial.Begin();
        Assert.IsNull(trial.TryAgain(LaterTry.MinuteMs - 1));
        Assert.AreEqual(name, trial.TryAgain(LaterTry.MinuteMs));
        trial.Sent(name);
        Assert.AreEqual(2 * LaterTry.MinuteMs, trial.End(silent, 2 * LaterTry.MinuteMs)!.Value.Until.PauseMs);
    }

    private static void LeaveOut(OwnTrial trial, string name, long nowMs, UplinkEnd? end = null)
    {
        while (!trial.IsLeftOut(name))
        {
            if (trial.Begin())
                trial.Heard();
            trial.Sent(name);
            _ = trial.End(end ?? Lost, nowMs);
        }

        trial.Pass(); // the next connection holds without it
    }
}
