using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;

namespace DeviceMqtt.Architecture.Tests;

/// <summary>What the custody answers is never thrown away: an acknowledgement would promise what is not kept.</summary>
[TestClass]
public sealed class OutcomeTests
{
    private const string Kept = "DeviceMqtt.Broker.Words.Kept";

    [TestMethod]
    public void Kept_OfNoCall_IsThrownAway()
    {
        List<string> ignored = [];
        int calls = 0;
        foreach (string assembly in GatewayTree.Assemblies.Select(static assembly => assembly.Name))
        {
            using PEReader compiled = new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
            ignored.AddRange(IgnoredOutcomes.Find(compiled, Kept, out int ofAssembly).Select(found => $"{assembly}: {found}"));
            calls += ofAssembly;
        }

        Assert.IsGreaterThan(30, calls, $"nothing is looked at: is {Kept} called something else?");
        Assert.IsEmpty(ignored, $"join it into the packet's outcome, or say ForNobody: {string.Join(", ", ignored)}");
    }

    [TestMethod]
    [DataRow("void F(ICustody custody) => custody.Keep();", DisplayName = "statement")]
    [DataRow("void F(ICustody custody) => _ = custody.Keep();", DisplayName = "discard")]
    [DataRow("void F(ICustody custody) { if (custody != null) custody.Keep(); }", DisplayName = "under a condition")]
    [DataRow("void F(ICustody custody) => custody.Hold<int>(1);", DisplayName = "generic method")]
    [DataRow("void F() => Of(1);", DisplayName = "static method")]
    [DataRow("Action F(ICustody custody) => () => custody.Keep();", DisplayName = "lambda")]
    [DataRow("async Task F(ICustody custody) { await Task.Yield(); custody.Keep(); }", DisplayName = "async method")]
    [DataRow("void F(ICustody custody) => custody.TryHold(1, out _);", DisplayName = "out discard")]
    [DataRow("bool F(ICustody custody) => custody.TryHold(1, out Kept kept);", DisplayName = "out variable that nobody reads")]
    [DataRow("bool F(ICustody custody) { if (custody.TryHold(1, out Kept kept)) return true; kept = default; return false; }", DisplayName = "out variable that is only set again")]
    [DataRow("bool F(ICustody custody) => Out(out _, custody);", DisplayName = "out before another argument")]
    public void Outcome_ThrownAway_IsFound(string member)
    {
        foreach (OptimizationLevel level in (OptimizationLevel[])[OptimizationLevel.Debug, OptimizationLevel.Release])
            Assert.HasCount(1, Find(member, level), $"{member} as {level}");
    }

    [TestMethod]
    [DataRow("Kept F(ICustody custody) => custody.Keep();", DisplayName = "returned")]
    [DataRow("bool F(ICustody custody) => custody.Keep().IsNoRoom;", DisplayName = "asked")]
    [DataRow("void F(ICustody custody) => custody.Keep().ForNobody();", DisplayName = "said to be for nobody")]
    [DataRow("void F(ICustody custody) => Join(custody.Keep());", DisplayName = "joined")]
    [DataRow("Kept F(ICustody custody) { custody.TryHold(1, out Kept kept); return kept; }", DisplayName = "out and returned")]
    [DataRow("bool F(ICustody custody) { custody.TryHold(1, out Kept kept); return kept.IsNoRoom; }", DisplayName = "out and asked")]
    [DataRow("void F(ICustody custody) { custody.TryHold(1, out Kept kept); kept.ForNobody(); }", DisplayName = "out and said to be for nobody")]
    [DataRow("void F(ICustody custody) { custody.TryHold(1, out Kept kept); Join(kept); }", DisplayName = "out and joined")]
    [DataRow("bool F(ICustody custody, out Kept kept) => custody.TryHold(1, out kept);", DisplayName = "handed on")]
    public void Outcome_LookedAt_IsNotFound(string member)
    {
        foreach (OptimizationLevel level in (OptimizationLevel[])[OptimizationLevel.Debug, OptimizationLevel.Release])
            Assert.IsEmpty(Find(member, level), $"{member} as {level}");
    }

    private static IReadOnlyList<string> Find(string member, OptimizationLevel level)
    {
        string source = $$"""
            namespace Planted;
            struct Kept { int _value; public bool IsNoRoom => _value < 0; public void ForNobody() { } }
            interface ICustody { Kept Keep(); Kept Hold<T>(T what); bool TryHold(int what, out Kept kept); }
            class A { {{member}} static bool Out(out Kept kept, ICustody custody) { kept = default; return custody != null; } static Kept Of(int x) => default; static void Join(Kept kept) { } }
            """;
        IReadOnlyList<string> found = Planted.IgnoredOutcomes(source, "Planted.Kept", level, out int calls);
        Assert.AreEqual(1, calls, member);
        return found;
    }
}
