using System.Reflection;

namespace DeviceMqtt.Samples.Tests;

/// <summary>Nothing becomes public, or ceases to be, without somebody seeing it in a review: PublicApi.txt beside each project.</summary>
[TestClass]
public sealed class PublicApiTests
{
    private const string Switch = "DEVICEMQTT_PUBLIC_API";

    [TestMethod]
    [DataRow("DeviceMqtt.Protocol")]
    [DataRow("DeviceMqtt.Journal")]
    [DataRow("DeviceMqtt.Broker")]
    [DataRow("DeviceMqtt.Custody")]
    [DataRow("DeviceMqtt.Relay")]
    [DataRow("DeviceMqtt.Client")]
    public void Assembly_ShowsWhatItsFileSays(string assembly)
    {
        string file = Path.Combine(Tree.FolderOf(assembly), "PublicApi.txt");
        string[] shown = PublicApi.Of(Assembly.Load(assembly));
        if (Environment.GetEnvironmentVariable(Switch) == "write")
            File.WriteAllLines(file, shown);

        string[] said = File.ReadAllLines(file);
        string[] differences = [.. shown.Except(said).Select(static line => $"+ {line}"), .. said.Except(shown).Select(static line => $"- {line}")];

        Assert.IsEmpty(differences, $"""
            {assembly} shows something else than {file} says:
            {string.Join('\n', differences)}
            Make it internal if its users have no need of it. If they have, give it a docstring and write the file anew:
            {Switch}=write dotnet test tests/DeviceMqtt.Samples.Tests --filter PublicApi
            """);
        CollectionAssert.AreEqual(shown, said, "sorted, each line once");
    }
}
