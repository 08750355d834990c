using System.Runtime.Versioning;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>The command line reaches the gateway by the socket in its data folder, and nobody else without a password does once there is a user.</summary>
[TestClass]
public sealed class ControlSocketTests
{
    [TestMethod]
    public async Task Status_OfADataFolder_AnswersAlsoWhereUsersAreSet()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "Sys:IntervalSeconds=1", "--set", "Security:Users:maria=s3cret", "--set", "Security:Roles:maria=monitor");

        (int exitCode, string said) = await Run("status", "--data", gateway.DataFolder);
        Assert.AreEqual(0, exitCode, said);
        StringAssert.Contains(said, "clients connected", StringComparison.Ordinal);
        (exitCode, said) = await Run("status", $"mqtt://127.0.0.1:{gateway.Port}");
        Assert.AreEqual(2, exitCode, said);
        StringAssert.Contains(said, "the gateway refuses (CONNACK 5)", StringComparison.Ordinal);
        (exitCode, said) = await Run("status", $"mqtt://maria:s3cret@127.0.0.1:{gateway.Port}");
        Assert.AreEqual(0, exitCode, said);
    }

    [TestMethod]
    public async Task Status_NoGatewayWithTheDataFolder_SaysSoAndExits2()
    {
        using TestFolder data = new();
        (int exitCode, string said) = await Run("status", "--data", data.Path);
        Assert.AreEqual(2, exitCode, said);
        StringAssert.Contains(said, $"no gateway runs with the data folder '{data.Path}'", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Kill_SocketLeftBehind_TheNextGatewayTakesItsPlace()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "Sys:IntervalSeconds=1");
        await gateway.Process.Kill();
        (int exitCode, string said) = await Run("status", "--data", gateway.DataFolder);
        Assert.AreEqual(2, exitCode, said);
        StringAssert.Contains(said, "no gateway runs with the data folder", StringComparison.Ordinal);

        await using ChildProcess next = GatewayProcess.Launch(["--data", gateway.DataFolder, "--listen", "127.0.0.1:0", "--http", "off", "--set", "Sys:IntervalSeconds=1"]);
        await next.Output.WaitFor(line => line.StartsWith("listening mqtt", StringComparison.Ordinal), "listening mqtt");
        (exitCode, said) = await Run("status", "--data", gateway.DataFolder);
        Assert.AreEqual(0, exitCode, said);
    }

    [TestMethod]
    public async Task DeviceAdd_FirstUser_SaidAndAnonymousClientsOfThisMachineRefusedAtOnce()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await MosquittoPub.Send(gateway, "a", "as long as there is no user", qos: 1);

        (int exitCode, string said) = await Add(gateway, "kitchen");
        Assert.AreEqual(0, exitCode, said);
        StringAssert.Contains(said, "this is the first user: from now on clients of this machine need a user name and password, too", StringComparison.Ordinal);
        await using ChildProcess anonymous = MosquittoPub.Launch(gateway, "a", "x", qos: 1, "anonymous");
        Assert.AreNotEqual(0, await anonymous.WaitForExit(), "an anonymous client came in");

        (exitCode, said) = await Add(gateway, "cellar");
        Assert.AreEqual(0, exitCode, said);
        Assert.DoesNotContain("this is the first user", said, StringComparison.Ordinal);
    }

    [TestMethod]
    [UnsupportedOSPlatform("windows")]
    public async Task DataFolder_EverythingInIt_IsItsOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("modes of files are those of Unix");
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await MosquittoPub.Send(gateway, "a", "kept", qos: 1);
        (int exitCode, string said) = await Add(gateway, "kitchen");
        Assert.AreEqual(0, exitCode, said);

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        string[] all = Directory.GetFileSystemEntries(gateway.DataFolder, "*", SearchOption.AllDirectories);
        Assert.IsTrue(all.Any(static path => path.EndsWith("gateway.sock", StringComparison.Ordinal)), string.Join('\n', all));
        foreach (string path in all)
            if (ModeOf(path) is { } mode)
                Assert.AreEqual(UnixFileMode.None, mode & others, path);
    }

    // A gateway that runs makes files and takes them away.
    [UnsupportedOSPlatform("windows")]
    private static UnixFileMode? ModeOf(string path)
    {
        try
        {
            return File.GetUnixFileMode(path);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static Task<(int ExitCode, string Said)> Add(GatewayProcess gateway, string name) =>
        Run("device", "add", name, "--board", "esp32-devkitc", "--wifi", "home", "--wifi-open", "--gateway", "127.0.0.1", "--data", gateway.DataFolder);

    private static async Task<(int ExitCode, string Said)> Run(params string[] words)
    {
        await using ChildProcess command = GatewayProcess.LaunchExactly(words);
        return (await command.WaitForExit(), command.Transcript());
    }
}
