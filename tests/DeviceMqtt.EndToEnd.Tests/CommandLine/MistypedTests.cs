namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>What somebody has mistyped is called so, and is never taken for something that is well.</summary>
[TestClass]
public sealed class MistypedTests
{
    // "it would start", and exit code 0.
    [TestMethod]
    public async Task UpgradeCheck_FolderThatIsNotThere_NamedAndExits1()
    {
        using TestFolder folder = new();
        await using ChildProcess check = GatewayProcess.LaunchExactly(["upgrade-check", "--data", folder.File("typo")]);

        Assert.AreEqual(1, await check.WaitForExit(), check.Transcript());
        StringAssert.Contains(check.Transcript(), $"there is no folder '{folder.File("typo")}' (--data)", StringComparison.Ordinal);
    }

    // It looked for a machine of that name.
    [TestMethod]
    [DataRow("status")]
    [DataRow("fleet", "status")]
    public async Task Option_ThatIsNone_IsNoAddress(params string[] command)
    {
        await using ChildProcess status = GatewayProcess.LaunchExactly([.. command, "--al"]);

        await Refusal.OneLine(status, exitCode: 2, "ADDRESS cannot be used: it begins with '-'");
    }
}
