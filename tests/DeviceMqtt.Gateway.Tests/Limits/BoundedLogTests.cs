using DeviceMqtt.Gateway.Observability;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>Whatever a stranger makes the gateway or its framework say, the log stays small.</summary>
[TestClass]
public sealed class BoundedLogTests
{
    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }

    [TestMethod]
    public void Log_OneKindOfLineAMillionTimes_SoManyAMinuteAndThenACount()
    {
        FakeTime time = new();
        using Lines lines = new();
        using BoundedLog log = new(lines, time);
        ILogger kestrel = log.CreateLogger("Microsoft.AspNetCore.Server.Kestrel");
        for (int i = 0; i < 1_000; i++)
            kestrel.Log(LogLevel.Warning, new EventId(24), "rejected", null, static (text, _) => text);
        kestrel.Log(LogLevel.Warning, new EventId(25), "another kind", null, static (text, _) => text);
        Assert.HasCount(BoundedLog.LinesPerMinuteMax + 1, lines.All);

        time.Advance(TimeSpan.FromSeconds(61));
        Assert.AreEqual("900 more lines of this kind had no room within a minute", lines.All[^1], "also when no line of the kind follows");
        kestrel.Log(LogLevel.Warning, new EventId(24), "rejected again", null, static (text, _) => text);
        Assert.AreEqual("rejected again", lines.All[^1]);
        int said = lines.All.Count;
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.HasCount(said, lines.All);
    }

    [TestMethod]
    public void Dispose_LinesHadNoRoom_SaysHowMany()
    {
        using Lines lines = new();
        BoundedLog log = new(lines, new FakeTime());
        ILogger kestrel = log.CreateLogger("x");
        for (int i = 0; i < LinesAndThree; i++)
            kestrel.Log(LogLevel.Warning, new EventId(24), "rejected", null, static (text, _) => text);

        log.Dispose();

        Assert.AreEqual("3 more lines of this kind had no room within a minute", lines.All[^1]);
    }

    private const int LinesAndThree = BoundedLog.LinesPerMinuteMax + 3;

    [TestMethod]
    public void Log_ALineOf64Kilobytes_IsCut()
    {
        using Lines lines = new();
        using BoundedLog log = new(lines, new FakeTime());
        log.CreateLogger("x").Log(LogLevel.Error, new EventId(1), new string('x', 65_535), new InvalidOperationException("why"), static (text, _) => text);
        Assert.AreEqual(BoundedLog.CharactersMax + 3, lines.All[0].Length);
    }
}
