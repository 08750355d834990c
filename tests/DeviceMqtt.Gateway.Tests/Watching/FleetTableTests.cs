using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>Many gateways in one table: what needs attention first, and why.</summary>
[TestClass]
internal sealed class FleetTableTests
{
    private const long Now = 1_000_000;

    [TestMethod]
    public void Gateways_AllWell_NoneHasFindings()
    {
        FleetTable table = new(Now);
        table.Add("a", Report());
        table.Presence("a", isOnline: true);
        table.Presence("board-7", isOnline: false); // no gateway
        Assert.AreEqual((1, 0), (table.Count, table.WithFindings));
        Assert.HasCount(2, table.Lines());
    }

    [TestMethod]
    [DataRow("\"t\":999000", "it has told nothing for 1000 s")]
    [DataRow("\"full\":true", "its journal is full: messages that have to be kept are refused")]
    [DataRow("\"oldest\":61,\"backlog\":5", "5 messages wait, the oldest for 61 s")]
    [DataRow("\"aside\":2", "2 messages are set aside")]
    [DataRow("\"short\":3", "3 of its connections in a row have ended at once: does another gateway have this identifier (Relay:ClientId)?")]
    public void Gateway_NotWell_FirstInTheTableAndSaidWhy(string what, string why)
    {
        FleetTable table = new(Now);
        table.Add("a", Report());
        table.Add("b", Report(what));
        string[] lines = [.. table.Lines()];
        Assert.AreEqual(1, table.WithFindings);
        StringAssert.StartsWith(lines[1], "b        look", StringComparison.Ordinal);
        Assert.AreEqual($"b: {why}", lines[^1]);
    }

    [TestMethod]
    public void Gateway_AwayByItsWill_SaidOnce()
    {
        FleetTable table = new(Now);
        table.Add("a", Report("\"t\":1"));
        table.Presence("a", isOnline: false);
        Assert.AreEqual("a: it is away, says its Will", Assert.ContainsSingle(table.Lines().Skip(2)));
    }

    [TestMethod]
    public void Gateways_TwoWithOneIdentifier_Told()
    {
        FleetTable table = new(Now);
        table.Add("a", Report("\"instance\":\"x\""));
        table.Add("a", Report("\"instance\":\"y\""));
        StringAssert.StartsWith(table.Lines().Last(), "a: two gateways have this identifier", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("true")]
    [DataRow("[1]")]
    [DataRow("{\"t\":\"x\",\"drops\":7,\"up\":null}")]
    [DataRow("{\"t\":1e99}")]
    public void Report_Foreign_NothingFails(string payload)
    {
        FleetTable table = new(Now);
        table.Add("a\u202e", payload);
        Assert.AreEqual(1, table.WithFindings);
        Assert.DoesNotContain("\u202e", string.Concat(table.Lines()), StringComparison.Ordinal);
    }

    [TestMethod]
    public void Add_MoreThanAreShown_IsCountedAndSaid()
    {
        FleetTable table = new(1_000);
        for (int i = 0; i < FleetTable.RowsMax + 2; i++)
            table.Add($"g{i}", """{"t":1000,"instance":"a"}""");

        Assert.AreEqual(FleetTable.RowsMax, table.Count);
        Assert.AreEqual($"2 reports are not shown: there are more than {FleetTable.RowsMax} gateways", table.Lines().Last());
    }

    private static string Report(string? other = null) =>
        $"{{\"t\":{Now - 5},\"version\":\"0.1.0\",\"instance\":\"i\",\"up\":7200,\"clients\":3,\"backlog\":0,\"oldest\":0,\"aside\":0,\"free\":9000000,\"full\":false,\"drops\":{{\"RelayFull\":3}}{(other is null ? "" : "," + other)}}}";
}
