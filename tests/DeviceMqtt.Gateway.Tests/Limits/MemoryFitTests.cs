using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;

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

        string? said = MemoryFit.Fit(limits, console: null);

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
        _ = MemoryFit.Fit(limits, console: null);
        Assert.AreEqual(20 * Megabyte, limits.WaitingMemoryBytesMax);
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
        _ = MemoryFit.Fit(limits, console: null);
        string sum = MemoryFit.Sum(limits, console: null);
        foreach ((string name, _) in MemoryPlan.Fixed(limits))
            StringAssert.Contains(sum, name, StringComparison.Ordinal);
        StringAssert.StartsWith(sum, "memory: at most ", StringComparison.Ordinal);
    }
}
