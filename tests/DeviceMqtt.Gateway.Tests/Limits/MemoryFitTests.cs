using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>What the bounds promise in memory, together.</summary>
[TestClass]
public sealed class MemoryFitTests
{
    private const long Megabyte = 1024 * 1024;

    [TestMethod]
    [DataRow(16)]
    [DataRow(56)]
    [DataRow(200)]
    [DataRow(1024)]
    public void Fit_DefaultsOnAnyMachine_TheSumOfAllBoundsIsNoMoreThanItMayBe(int megabytes)
    {
        GatewayLimits limits = new() { MemoryBytesMax = megabytes * Megabyte };

        string? said = MemoryFit.Fit(limits, console: null, new TraceOptions());

        long sum = MemoryPlan.ForClients(limits) + MemoryPlan.Fixed(limits).Sum(static part => part.Bytes);
        Assert.IsLessThanOrEqualTo(limits.MemoryBytesMax, sum);
        Assert.IsGreaterThanOrEqualTo(limits.MemoryBytesMax / 4, MemoryPlan.ForClients(limits));
        Assert.AreEqual(megabytes >= 1024, said is null);
        Assert.IsNull(limits.Check());
    }

    [TestMethod]
    public void Fit_ChosenBounds_StayAsTheyAre()
    {
        GatewayLimits limits = new() { MemoryBytesMax = 64 * Megabyte, WaitingMemoryBytesMax = 20 * Megabyte };
        _ = MemoryFit.Fit(limits, console: null, new TraceOptions());
        Assert.AreEqual(20 * Megabyte, limits.WaitingMemoryBytesMax);
    }

    [TestMethod]
    [DataRow(64)]
    [DataRow(128)]
    [DataRow(4096)]
    public void Fit_WithAConsole_AllTogetherIsNoMoreThanTheDefault(int megabytes)
    {
        GatewayLimits limits = new();
        ConsoleOptions console = new();
        TraceOptions trace = new();
        long byDefault = MemoryPlan.Default(megabytes * Megabyte);
        _ = MemoryFit.Fit(limits, console, trace);

        long noted = MemoryFit.Noted(console, trace).Sum(static part => part.Bytes);
        Assert.IsLessThanOrEqualTo(MemoryPlan.Default(MemoryPlan.Available), limits.MemoryBytesMax + noted);
        GatewayLimits small = new() { MemoryBytesMax = byDefault };
        _ = MemoryFit.Fit(small, console = new ConsoleOptions(), trace = new TraceOptions());
        Assert.IsLessThanOrEqualTo(byDefault / 2, MemoryFit.Noted(console, trace).Sum(static part => part.Bytes));
        Assert.IsNull(console.Check() ?? trace.Check());
    }

    [TestMethod]
    public void Default_OfTheMachine_HalfOfWhatIsThereBesideTheProcess()
    {
        Assert.AreEqual(56 * Megabyte, MemoryPlan.Default(128 * Megabyte));
        Assert.AreEqual(1024 * Megabyte, MemoryPlan.Default(64 * 1024 * Megabyte));
        Assert.AreEqual(16 * Megabyte, MemoryPlan.Default(32 * Megabyte));
    }

    [TestMethod]
    public void Sum_SaysEachPart()
    {
        GatewayLimits limits = new() { MemoryBytesMax = 56 * Megabyte };
        _ = MemoryFit.Fit(limits, console: null, new TraceOptions());
        string sum = MemoryFit.Sum(limits, console: null, new TraceOptions());
        foreach ((string name, _) in MemoryPlan.Fixed(limits))
            StringAssert.Contains(sum, name, StringComparison.Ordinal);
        StringAssert.StartsWith(sum, "memory: at most ", StringComparison.Ordinal);
        StringAssert.Contains(sum, nameof(GatewayLimits.HandshakesMax), StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(GatewayLimits.HttpConnectionsMax), sum, StringComparison.Ordinal, "HTTP is off");
        Assert.Contains(nameof(GatewayLimits.HttpConnectionsMax), MemoryFit.Sum(limits, new ConsoleOptions(), new TraceOptions()), StringComparison.Ordinal);
    }
}
