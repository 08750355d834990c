using System.Text.RegularExpressions;
using DeviceMqtt.EndToEnd.Tests.CommandLine;
using DeviceMqtt.EndToEnd.Tests.Tree;
using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.EndToEnd.Tests.Packages;

/// <summary>A service without a package, by the unit of the package; and the container file, whose paths and settings are real. No image is pulled here.</summary>
[TestClass]
public sealed partial class ServiceInstallTests
{
    [TestMethod]
    public async Task Install_IntoAFolder_UnitAndSettingsAreRightAndRemoveTakesTheUnit()
    {
        using TestFolder root = new();
        string program = Path.GetFullPath(AppContext.BaseDirectory);
        await using ChildProcess install = GatewayProcess.LaunchExactly(["service", "install", "--root", root.Path]);
        if (ServiceCommand.IsHidden(program))
        {
            // A service could not see this program.
            await Refusal.OneLine(install, exitCode: 2, "is not there for a service");
        }
        else
        {
            Assert.AreEqual(0, await install.WaitForExit(), install.Transcript());
            Assert.IsTrue(File.Exists(root.File("etc/devicemqtt/gateway.json")), install.Transcript());
            await using ChildProcess check = GatewayProcess.LaunchExactly(["config", "check", root.File("etc/devicemqtt/gateway.json")]);
            Assert.AreEqual(0, await check.WaitForExit(), check.Transcript());
            await using ChildProcess remove = GatewayProcess.LaunchExactly(["service", "remove", "--root", root.Path]);
            Assert.AreEqual(0, await remove.WaitForExit(), remove.Transcript());
            Assert.IsFalse(File.Exists(root.File("etc/systemd/system/devicemqtt.service")), remove.Transcript());
        }

        string unit = root.Write("devicemqtt.service", ServiceCommand.UnitFor("/opt/devicemqtt/DeviceMqtt.Gateway"));
        string text = await File.ReadAllTextAsync(unit);
        StringAssert.Contains(text, "ExecStart=/opt/devicemqtt/DeviceMqtt.Gateway run --config /etc/devicemqtt/gateway.json", StringComparison.Ordinal);
        StringAssert.Contains(text, "DynamicUser=true", StringComparison.Ordinal);
        Assert.DoesNotContain("Group=", text, StringComparison.Ordinal);
        string systemd = OutsideProgram.Require("systemd-analyze", "systemd");
        await using ChildProcess security = ChildProcess.Start(systemd, ["security", "--offline=true", "--threshold=20", unit]);
        Assert.AreEqual(0, await security.WaitForExit(), security.Transcript());
        await using ChildProcess verify = ChildProcess.Start(systemd, ["verify", "--man=false", unit]);
        _ = await verify.WaitForExit();
        string[] wrong = [.. verify.Transcript().Split('\n').Where(static line => line.Contains("devicemqtt.service", StringComparison.Ordinal) && !line.Contains("is not executable", StringComparison.Ordinal))];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    public async Task Remove_NothingInstalled_OneLine()
    {
        using TestFolder root = new();
        await using ChildProcess remove = GatewayProcess.LaunchExactly(["service", "remove", "--root", root.Path]);
        await Refusal.OneLine(remove, exitCode: 1, "there is no ");
    }

    [TestMethod]
    public async Task Dockerfile_EachPathAndSetting_IsOne()
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "gateway", "packaging", "Dockerfile"));
        foreach (Match copy in CopyFromTheTree().Matches(text))
            foreach (string path in copy.Groups["from"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                Assert.IsTrue(Path.Exists(Path.Combine(Repository.Root, path)), $"there is no {path}");
        Dictionary<string, string> environment = Setting().Matches(text).ToDictionary(static m => m.Groups["name"].Value, static m => m.Groups["value"].Value);
        Assert.IsGreaterThanOrEqualTo(3, environment.Count, text);
        using TestFolder data = new();
        // As it is in the image, but for ports and folder.
        environment["DEVICEMQTT__Data"] = data.Path;
        environment["DEVICEMQTT__Listen__0"] = "*:0";
        environment["DEVICEMQTT__Http"] = "*:0";
        await using ChildProcess gateway = GatewayProcess.LaunchExactly(["run"], environment);
        await gateway.Output.WaitFor(static line => line.StartsWith("listening http", StringComparison.Ordinal), "listening http");
        string instructions = string.Join(' ', text.Split('\n').Where(static line => line.Length > 0 && char.IsAsciiLetterUpper(line[0])).Select(static line => line.Split(' ')[0]).Distinct());
        Assert.AreEqual("FROM WORKDIR COPY RUN USER ENV VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD", instructions);
        // Every project that the gateway's names has to be there.
        string[] projects = [.. ProjectReference().Matches(string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "gateway"), "DeviceMqtt.*.csproj", SearchOption.AllDirectories).Where(static file => !file.Contains("samples", StringComparison.Ordinal)).Select(File.ReadAllText)))
            .Select(static m => m.Groups["path"].Value.Replace('\\', '/')).Where(static path => path.Contains("firmware/", StringComparison.Ordinal)).Distinct()];
        foreach (string project in projects)
            StringAssert.Contains(text, Path.GetDirectoryName(project[project.IndexOf("firmware/", StringComparison.Ordinal)..])!, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^COPY (?!--)(?<from>.+) \S+$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CopyFromTheTree();

    [GeneratedRegex(@"(?<name>DEVICEMQTT__\w+)=(?<value>\S+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Setting();

    [GeneratedRegex("ProjectReference Include=\"(?<path>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProjectReference();
}
