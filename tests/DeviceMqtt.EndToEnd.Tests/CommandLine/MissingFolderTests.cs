namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>A folder that is not there, is none, or may not be made: one line that names it, never a stack trace.</summary>
[TestClass]
public sealed class MissingFolderTests
{
    // Every command that looks for the data folder.
    private static readonly string[][] Commands =
    [
        ["run", "--listen", "127.0.0.1:0", "--http", "off"], ["status"], ["reload"], ["backup", "/dev/null/gateway.backup"], ["restore", "/dev/null/gateway.backup"], ["user", "add", "maria", "--password-file", "/dev/null/pw"],
        ["cert", "init"], ["device", "list"], ["send", "kitchen", "relay.set"], ["relay", "aside", "list"], ["user", "code"],
        ["device", "add", "k", "--board", "esp32-devkitc", "--wifi", "home", "--wifi-open", "--gateway", "127.0.0.1"],
    ];

    [TestMethod]
    public async Task HomeThatIsNone_AnyCommand_OneLine()
    {
        foreach (string[] command in Commands)
            await AssertOneLine(command, new Dictionary<string, string> { ["HOME"] = "/dev/null/home", ["XDG_DATA_HOME"] = "" });
    }

    [TestMethod]
    public async Task DataFolderThatIsAFile_AnyCommand_OneLine()
    {
        using TestFolder folder = new();
        string file = folder.Write("data", "no folder");
        foreach (string[] command in Commands)
            await AssertOneLine([.. command, "--data", file], []);
    }

    [TestMethod]
    public async Task EnvironmentThatIsEmpty_Status_OneLine()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("there is no env");
        using TestFolder folder = new();
        string dotnet = OutsideProgram.Require("dotnet", "dotnet-sdk-10.0");
        await using ChildProcess status = ChildProcess.Start("env", ["-i", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", dotnet, .. GatewayProcess.Command[1..], "status", "--data", folder.Path]);
        await Refusal.OneLine(status, exitCode: 2, folder.Path);
        await using ChildProcess certificate = ChildProcess.Start("env", ["-i", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", dotnet, .. GatewayProcess.Command[1..], "cert", "init", "--data", folder.File("made")]);
        Assert.AreEqual(0, await certificate.WaitForExit(), certificate.Transcript());
    }

    private static async Task AssertOneLine(string[] command, Dictionary<string, string> environment)
    {
        await using ChildProcess process = GatewayProcess.LaunchExactly(command, environment);
        int exitCode = await process.WaitForExit();
        string said = $"{string.Join(' ', command)}: {process.Transcript()}";
        Assert.IsTrue(exitCode is 1 or 2, said);
        string line = Assert.ContainsSingle(process.Errors.Items, said);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal, said);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal, said);
    }
}
