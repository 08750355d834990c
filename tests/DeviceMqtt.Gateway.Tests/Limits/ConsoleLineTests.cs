using DeviceMqtt.Gateway.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>Names of others stand in the log: a Topic Name may have characters that would clear a terminal, or forge a line.</summary>
[TestClass]
public sealed class ConsoleLineTests
{
    [TestMethod]
    public void Line_WithControlCharacters_ShowsThem()
    {
        using StringWriter output = new() { NewLine = "\n" };
        LogEntry<string> entry = new(LogLevel.Warning, "Area", default, "on 't\u001b[2J\nfatal Area: forged'", new InvalidOperationException("\u0007"), static (state, _) => state);

        new ConsoleLog(isForJournal: false).Write(entry, output);

        string line = output.ToString();
        StringAssert.EndsWith(line, "\n", StringComparison.Ordinal);
        Assert.IsFalse(line[..^1].Any(char.IsControl), line);
        StringAssert.Contains(line, @"warn  Area: on 't\u001b[2J fatal Area: forged' System.InvalidOperationException: \u0007", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(LogLevel.Debug, "<7>")]
    [DataRow(LogLevel.Information, "<6>")]
    [DataRow(LogLevel.Warning, "<4>")]
    [DataRow(LogLevel.Error, "<3>")]
    [DataRow(LogLevel.Critical, "<2>")]
    public void Line_ForJournald_HasThePriorityInsteadOfTheTime(LogLevel level, string priority)
    {
        using StringWriter output = new() { NewLine = "\n" };
        LogEntry<string> entry = new(level, "Area", default, "text", exception: null, static (state, _) => state);
        new ConsoleLog(isForJournal: true).Write(entry, output);
        Assert.AreEqual($"{priority}Area: text\n", output.ToString());
    }
}
