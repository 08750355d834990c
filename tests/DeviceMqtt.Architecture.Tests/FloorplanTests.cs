namespace DeviceMqtt.Architecture.Tests;

/// <summary>
/// For whoever moves code: with DEVICEMQTT_ARCHITECTURE=print, this test writes the tables as the code has them, and every circle with the
/// arrows that make it, into artifacts/architecture.txt. Or give it a path of your own.
/// </summary>
[TestClass]
public sealed class FloorplanTests(TestContext context)
{
    private const string Variable = "DEVICEMQTT_ARCHITECTURE";
    private const string Print = "print";

    [TestMethod]
    public void Floorplan_OfTheCode_CanBeReadBack()
    {
        string plan = Floorplan.Draw(GatewayTree.Assemblies);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } target)
        {
            string path = Path.GetFullPath(target == Print ? Path.Combine("artifacts", "architecture.txt") : target, GatewayTree.Root);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, plan);
            context.WriteLine(path);
            context.WriteLine("{0}", plan);
        }

        // Reasons are a person's part.
        Picture read = Picture.Parse(plan.Replace("| |", "| because |", StringComparison.Ordinal));
        foreach (AssemblyView assembly in GatewayTree.Assemblies)
        {
            Assert.IsEmpty(Rules.FloorRules.ArrowsOutsideTheTable(assembly, read));
            Assert.IsEmpty(Rules.FloorRules.ArrowsOnlyInTheTable(assembly, read));
            Assert.IsEmpty(Rules.FloorRules.ReferencesOutsideTheTable(assembly, read));
            Assert.IsEmpty(Rules.FloorRules.CirclesOnlyInTheTable(assembly, read));
        }
    }
}
