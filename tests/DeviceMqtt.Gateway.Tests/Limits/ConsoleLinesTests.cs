using DeviceMqtt.Gateway.Observability;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>The log on the console: nothing waits for its reader, what had no room is counted, and the levels say what is printed.</summary>
[TestClass]
public sealed class ConsoleLinesTests
{
    [TestMethod]
    public void Lines_NobodyReads_AreLostAndCounted()
    {
        using Output output = new();
        using (ConsoleLines lines = new(new ConsoleLog(isForJournal: true, output)))
        {
            ILogger log = lines.CreateLogger("Area");
            Say(log, LogLevel.Information, "first");
            Assert.IsTrue(output.Entered.Wait(Patience.Limit), "the first line was not printed");
            // One is at the reader, so many wait, three have no room.
            for (int i = 0; i < ConsoleLines.LinesMax + 3; i++)
                Say(log, LogLevel.Information, $"line {i}");

            output.MayGoOn.Set();
            Assert.IsTrue(output.Reached(ConsoleLines.LinesMax + 1), "what waited was not printed");
            Say(log, LogLevel.Information, "last");
        }

        string[] printed = output.Lines();
        Assert.HasCount(ConsoleLines.LinesMax + 3, printed);
        Assert.AreEqual("<6>Area: first", printed[0]);
        Assert.AreEqual("<4>Log: 3 lines were lost: nobody read the output", printed[^2]);
        Assert.AreEqual("<6>Area: last", printed[^1]);
    }

    // A console log that had met a full disk once was silent until the next start.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Lines_CannotBeWrittenForAWhile_AreCountedAndSaidWhenTheyCan(bool isUnauthorized)
    {
        using Refusing output = new(isUnauthorized);
        using (ConsoleLines lines = new(new ConsoleLog(isForJournal: true, output)))
        {
            ILogger log = lines.CreateLogger("Area");
            for (int i = 0; i < 3; i++)
                Say(log, LogLevel.Information, $"line {i}");
            lines.Say("listening");
            Assert.IsTrue(output.Refused.Wait(Patience.Limit), "the lines were not tried");
            output.IsFull = false;
            Say(log, LogLevel.Information, "there is room");
        }

        CollectionAssert.AreEqual(new[] { "<4>Log: 4 lines could not be written: No space left on device", "<6>Area: there is room" }, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [TestMethod]
    public void Say_PlainLine_IsPrintedAsItIsBehindWhatCameBefore()
    {
        using Output output = new();
        output.MayGoOn.Set();
        using (ConsoleLines lines = new(new ConsoleLog(isForJournal: false, output)))
        {
            lines.Say("listening mqtt 127.0.0.1:1883");
            lines.Say("stopped");
        }

        CollectionAssert.AreEqual(new[] { "listening mqtt 127.0.0.1:1883", "stopped" }, output.Lines());
    }

    [TestMethod]
    public void Dispose_NobodyReads_GoesOn()
    {
        using Output output = new();
        ConsoleLines lines = new(new ConsoleLog(isForJournal: true, output));
        lines.Say("stopped");
        Assert.IsTrue(output.Entered.Wait(Patience.Limit), "the line was not tried");
        lines.Dispose();
        output.MayGoOn.Set();
        Assert.IsTrue(output.Reached(1));
    }

    [TestMethod]
    public void Dispose_LinesWait_PrintsThem()
    {
        using Output output = new();
        output.MayGoOn.Set();
        using (ConsoleLines lines = new(new ConsoleLog(isForJournal: true, output)))
            Say(lines.CreateLogger("Area"), LogLevel.Error, "the end");

        CollectionAssert.AreEqual(new[] { "<3>Area: the end" }, output.Lines());
    }

    [TestMethod]
    [DataRow("Connections", LogLevel.Information, LogLevel.Information, true)]
    [DataRow("Connections", LogLevel.Information, LogLevel.Debug, false)]
    [DataRow("Connections", LogLevel.Debug, LogLevel.Debug, true)]
    [DataRow("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Debug, LogLevel.Information, false)]
    [DataRow("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error, LogLevel.Warning, true)]
    [DataRow("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Debug, LogLevel.Critical, false)]
    public void Log_ByCategoryAndLevel_IsPrintedOrNot(string category, LogLevel level, LogLevel line, bool isPrinted)
    {
        using Output output = new();
        output.MayGoOn.Set();
        LogLevels levels = new(LogLevel.None);
        using (GatewayLoggers loggers = new(new ConsoleLines(new ConsoleLog(isForJournal: true, output)), levels))
        {
            ILogger log = loggers.CreateLogger(category);
            levels.Level = level; // may change at any time
            Assert.AreEqual(isPrinted, log.IsEnabled(line));
            Say(log, line, "text");
        }

        Assert.HasCount(isPrinted ? 1 : 0, output.Lines());
    }

    [TestMethod]
    public void AddProvider_LoggersAreThere_GetTheirLinesToo()
    {
        using Output first = new();
        using Output second = new();
        first.MayGoOn.Set();
        second.MayGoOn.Set();
        using (GatewayLoggers loggers = new(new ConsoleLines(new ConsoleLog(isForJournal: true, first)), new LogLevels(LogLevel.Information)))
        {
            ILogger log = loggers.CreateLogger("Area");
            loggers.AddProvider(new ConsoleLines(new ConsoleLog(isForJournal: true, second)));
            Say(log, LogLevel.Information, "text");
            Say(loggers.CreateLogger("Other"), LogLevel.Information, "more");
        }

        CollectionAssert.AreEqual(new[] { "<6>Area: text", "<6>Other: more" }, first.Lines());
        CollectionAssert.AreEqual(new[] { "<6>Area: text", "<6>Other: more" }, second.Lines());
    }

    private static void Say(ILogger log, LogLevel level, string text) => log.Log(level, default, text, exception: null, static (line, _) => line);

    // A full disk, until there is room.
    private sealed class Refusing(bool isUnauthorized) : StringWriter
    {
        private const int Lines = 4;
        private int _count;

        public volatile bool IsFull = true;

        public ManualResetEventSlim Refused { get; } = new();

        public override void Write(string? value)
        {
            if (!IsFull)
            {
                base.Write(value);
                return;
            }

            // The notice in front of each line is tried, too, in place of it.
            if (++_count == Lines)
                Refused.Set();
            throw isUnauthorized ? new UnauthorizedAccessException("No space left on device") : new IOException("No space left on device");
        }

        protected override void Dispose(bool disposing)
        {
            Refused.Dispose();
            base.Dispose(disposing);
        }
    }

    // Stands still in its first line until it may go on.
    private sealed class Output : StringWriter
    {
        private readonly Lock _lock = new();
        private readonly ManualResetEventSlim _reached = new();
        private int _count;
        private int _awaited = int.MaxValue;

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim MayGoOn { get; } = new();

        public override void Write(string? value)
        {
            Entered.Set();
            Assert.IsTrue(MayGoOn.Wait(Patience.Limit));
            lock (_lock)
            {
                base.Write(value);
                if (++_count >= _awaited)
                    _reached.Set();
            }
        }

        public bool Reached(int lines)
        {
            lock (_lock)
            {
                _awaited = lines;
                if (_count >= lines)
                    return true;
            }

            return _reached.Wait(Patience.Limit);
        }

        public string[] Lines()
        {
            lock (_lock)
                return ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        }

        protected override void Dispose(bool disposing)
        {
            Entered.Dispose();
            MayGoOn.Dispose();
            _reached.Dispose();
            base.Dispose(disposing);
        }
    }
}
