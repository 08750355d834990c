using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.HomeAssistant;

/// <summary>The lines about single messages are bounded by running time.</summary>
[TestClass]
public sealed class HomeAssistantLinesTests
{
    // A clock that was set back by a day kept all lines away for a day, and nobody learned that there were any.
    [TestMethod]
    [DataRow(-1), DataRow(0), DataRow(1)]
    public void MayLog_TheClockIsSet_AMinuteIsAMinuteAndTheOthersAreCounted(int days)
    {
        FakeTime time = new();
        RecordingLog log = new();
        using HomeAssistantPart part = new(new HomeAssistantOptions(), broker: null!, log, time);
        Assert.AreEqual(20, Enumerable.Range(0, 50).Count(_ => part.MayLog()));
        time.WallOffset = TimeSpan.FromDays(days);
        Assert.IsFalse(part.MayLog());

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.IsTrue(part.MayLog());
        Assert.Contains("31 more lines", string.Join('\n', log.Lines), StringComparison.Ordinal);
    }
}
