using DeviceMqtt.EndToEnd.Tests.Tree;

namespace DeviceMqtt.EndToEnd.Tests.Packages;

/// <summary>A Debian package of the program as it was built for the tests: build.cs makes it in seconds, and a machine that has .NET can install it.</summary>
internal static class QuickPackage
{
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(3); // build.cs is compiled

    /// <summary>Where, in the folder of a project, its build lies: that of the same configuration as this one's, bin/Debug/net10.0.</summary>
    public static string Build => Path.Combine(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory).Split(Path.DirectorySeparatorChar)[^3..]);

    /// <summary>Makes it.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> Make(TestFolder folder)
    {
        _ = OutsideProgram.Require("dpkg-deb", "dpkg");
        await using ChildProcess build = ChildProcess.Start("dotnet",
            ["run", Path.Combine(Repository.Root, "gateway", "packaging", "build.cs"), "--", "--arch", "amd64", "--output", folder.Path, "--from", Path.Combine(Repository.Root, "gateway", "DeviceMqtt.Gateway", Build)]);
        Assert.AreEqual(0, await build.WaitForExit(Slow), build.Transcript());
        return Directory.GetFiles(folder.Path, "*.deb").Single();
    }
}
