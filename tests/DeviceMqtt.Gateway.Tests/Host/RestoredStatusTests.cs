using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>The status says that a gateway runs on the state of a backup, until that is over.</summary>
[TestClass]
public sealed class RestoredStatusTests
{
    [TestMethod]
    public void Status_UntilAllHaveBegunAnew_SaysWhoHasNot()
    {
        StatusReport report = Of("1", "7");

        StringAssert.Contains(Assert.ContainsSingle(report.Findings()), "upstream up has not let go yet what it had under way before the gateway was restored from a backup", StringComparison.Ordinal);
        Assert.ContainsSingle(report.Lines().Where(static line => line.StartsWith("restored from a backup: 7 sessions", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Status_WhenAllHaveBegunAnew_SaysNothingOfIt()
    {
        StatusReport report = Of("0", "0");

        Assert.IsEmpty(report.Findings());
        Assert.IsFalse(report.Lines().Any(static line => line.Contains("backup", StringComparison.Ordinal)));
    }

    private static StatusReport Of(string upstream, string sessions) => new(new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["version"] = "DeviceMqtt 0.1.0",
        ["relay/up/state"] = "connected",
        ["relay/up/restored"] = upstream,
        ["restored/sessions"] = sessions,
    });
}
