using DeviceMqtt.Gateway.Observability;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>Names of others stand in the log: a Topic Name may have characters that would clear a terminal, or forge a line.</summary>
[TestClass]
public sealed class ConsoleLineTests
{
    [TestMethod]
    public void Line_WithControlCharacters_ShowsThem()
    {
        using StringWriter output = new() { NewLine = "\n" };
        using (ConsoleLines lines = new(new ConsoleLog(isForJournal: false, output)))
            lines.CreateLogger("Area").Log(LogLevel.Warning, default, "on 't\u001b[2J\nfatal Area: forged'", new InvalidOperationException("\u0007"), static (state, _) => state);

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
        new ConsoleLog(isForJournal: true, output).Write(new PrintedLine(default, level, "Area", 0, "text", []));
        Assert.AreEqual($"{priority}Area: text\n", output.ToString());
    }
}
