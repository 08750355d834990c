using System.Diagnostics;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>An administrator works in the data folder of the gateway's own account, as with the Debian package: that account has to be able to read what was made.</summary>
[TestClass]
public sealed class OwnerTests
{
    private const string Account = "nobody";

    [TestMethod]
    public async Task DeviceAdd_AsRoot_LeavesTheFolderToItsOwnerAndGivesItTheFiles()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Inconclusive("needs root, who can give a folder to another account");
        using TestFolder data = new();
        await RunAsync("chown", Account, data.Path);
        await using ChildProcess add = GatewayProcess.LaunchExactly(["device", "add", "kitchen", "--board", "esp32-devkitc", "--wifi", "net", "--wifi-open", "--gateway", "pi.local", "--data", data.Path]);
        Assert.AreEqual(0, await add.WaitForExit(), add.Transcript());

        foreach (string path in (string[])["", "users.json", "devices", "devices/kitchen"])
            Assert.AreEqual(Account, (await RunAsync("stat", "--format=%U", Path.Combine(data.Path, path))).Trim(), path);
    }

    // The first commands after the install left a lock and an audit.log of root's behind: the gateway could not note who came in, nor change a password.
    [TestMethod]
    public async Task FirstCommands_AsRoot_LeaveNothingThatTheGatewayCannotWrite()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Inconclusive("needs root, who can give a folder to another account");
        using TestFolder data = new();
        string password = data.Write("password", "green house");
        string[][] commands =
        [
            ["user", "code"], ["user", "add", "maria", "--role", "operator", "--password-file", password], ["cert", "init", "--name", "pi.local"],
            ["device", "add", "kitchen", "--board", "esp32-devkitc", "--wifi", "net", "--wifi-open", "--gateway", "pi.local"], ["device", "rotate", "kitchen"], ["device", "remove", "kitchen"],
            ["user", "password", "maria", "--password-file", password],
        ];
        await RunAsync("chown", "-R", Account, data.Path);
        foreach (string[] command in commands)
        {
            await using ChildProcess process = GatewayProcess.LaunchExactly([.. command, "--data", data.Path]);
            Assert.AreEqual(0, await process.WaitForExit(), $"{string.Join(' ', command)}: {process.Transcript()}");
        }

        Assert.AreEqual("", await RunAsync("find", data.Path, "!", "-user", Account));
        Assert.AreNotEqual("", await RunAsync("find", data.Path, "-name", "audit.log"));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, $"{program} {string.Join(' ', arguments)}");
        return output;
    }
}
