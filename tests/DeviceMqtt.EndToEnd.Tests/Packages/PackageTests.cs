using DeviceMqtt.EndToEnd.Tests.Tree;

namespace DeviceMqtt.EndToEnd.Tests.Packages;

/// <summary>The Debian package: what is in it, and that the same sources make the same bytes. Takes minutes, so only in the long run.</summary>
[TestClass]
public sealed class PackageTests
{
    private const long PackageBytesMax = 50_000_000;
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(15);

    [TestMethod]
    [LongRun]
    public async Task Package_BuiltTwice_IsTheSame_AndHasWhatAnInstallNeeds()
    {
        string dpkg = OutsideProgram.Require("dpkg-deb", "dpkg");
        using TestFolder one = new();
        using TestFolder other = new();
        string package = await Build(one);
        Assert.IsLessThan(PackageBytesMax, new FileInfo(package).Length);
        CollectionAssert.AreEqual(await File.ReadAllBytesAsync(package), await File.ReadAllBytesAsync(await Build(other)), "the two builds differ");

        await using ChildProcess list = ChildProcess.Start(dpkg, ["--contents", package]);
        Assert.AreEqual(0, await list.WaitForExit());
        string contents = list.Transcript();
        string[] wanted =
        [
            "./usr/bin/devicemqtt", "./usr/lib/devicemqtt/DeviceMqtt.Gateway", "./usr/lib/systemd/system/devicemqtt.service", "./usr/share/devicemqtt/gateway.json",
            "./usr/share/doc/devicemqtt/examples/devicemqtt.avahi", "./usr/share/man/man1/devicemqtt.1.gz", "./usr/share/bash-completion/completions/devicemqtt",
            "./usr/share/zsh/vendor-completions/_devicemqtt",
        ];
        foreach (string path in wanted)
            StringAssert.Contains(contents, " " + path, StringComparison.Ordinal);
    }

    private static async Task<string> Build(TestFolder output)
    {
        await using ChildProcess build = ChildProcess.Start("dotnet", ["run", Path.Combine(Repository.Root, "gateway", "packaging", "build.cs"), "--", "--arch", "amd64", "--output", output.Path]);
        Assert.AreEqual(0, await build.WaitForExit(BuildPatience), build.Transcript());
        return Directory.GetFiles(output.Path, "*.deb").Single();
    }
}
