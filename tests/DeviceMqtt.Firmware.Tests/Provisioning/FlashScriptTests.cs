using System.Diagnostics;
using System.Runtime.Versioning;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Simulator;

namespace DeviceMqtt.Firmware.Tests.Provisioning;

/// <summary>
/// <c>firmware/flash.sh</c>, with a <c>dotnet</c> of our own in front of the real one: what it would run on a board is written down, what it runs of the
/// gateway is real.
/// </summary>
[TestClass]
[UnsupportedOSPlatform("windows")]
[DoNotParallelize]
public sealed class FlashScriptTests
{
    private const string DotNet = """
        #!/bin/bash
        printf '%s\n' "$*" >> "$FLASH_LOG"
        if [ "$1" = run ]; then
          while [ "$1" != -- ]; do shift; done
          exec "$REAL_DOTNET" "$GATEWAY_DLL" "${@:2}"
        fi
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-flash").FullName;

    private string Log => Path.Combine(_folder, "log");

    private static string Runtime => File.ReadAllText(Path.Combine(RepositoryRoot.Path, "firmware", "runtime.version")).Trim();

    [TestMethod]
    public void RuntimeVersion_IsOneNumber_InScriptsAndOnThePage()
    {
        Assert.IsTrue(Version.TryParse(Runtime, out Version? version) && version.Revision > 0, Runtime);
        Assert.Contains($"--fwversion {Runtime} ", File.ReadAllText(Path.Combine(RepositoryRoot.Path, "firmware", "README.md")), StringComparison.Ordinal);
        Assert.Contains("runtime.version", File.ReadAllText(Path.Combine(RepositoryRoot.Path, "firmware", "flash.ps1")), StringComparison.Ordinal);
    }

    [TestInitialize]
    public void NeedsBash()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("flash.sh is tried on Linux; flash.ps1 is its twin for Windows");
        }
    }

    [TestCleanup]
    public void Erase() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task DryRun_AllSteps_PrintsThemInOrderAndRunsNothing()
    {
        Provision();

        (int code, string output) = await RunAsync("--device", _folder, "--port", "/dev/ttyUSB0", "--dry-run");

        Assert.AreEqual(0, code, output);
        Assert.IsFalse(File.Exists(Log));
        string[] inOrder = ["tool restore", "-p:Device=true", $"--update --platform esp32 --fwversion {Runtime} --serialport /dev/ttyUSB0 --masserase", "--filedeployment", "device wait kitchen", "--deploy --serialport /dev/ttyUSB0 --image"];
        int at = 0;
        foreach (string part in inOrder)
        {
            at = output.IndexOf(part, at, StringComparison.Ordinal);
            Assert.IsGreaterThanOrEqualTo(0, at, $"{part} in {output}");
        }
    }

    [TestMethod]
    [DataRow("files")]
    [DataRow("files", "--port", "x")]
    [DataRow("runtime")]
    [DataRow("application", "--port", "x", "--device", "/nowhere")]
    [DataRow("everything")]
    [DataRow("--port")]
    public async Task Words_Wrong_RunNothing(params string[] words)
    {
        (int code, string output) = await RunAsync(words);

        Assert.AreEqual(2, code, output);
        Assert.IsFalse(File.Exists(Log), output);
    }

    [TestMethod]
    public async Task Files_Alone_DeploysTheListWithThePort()
    {
        Provision();

        (int code, string output) = await RunAsync("files", "--device", _folder, "--port", "/dev/ttyUSB7");

        Assert.AreEqual(0, code, output);
        string list = Path.Combine(_folder, "files-with-port.json");
        Assert.AreEqual($"tool run nanoff -- --filedeployment {list}\n", File.ReadAllText(Log));
        Assert.StartsWith("{\"serialport\":\"/dev/ttyUSB7\",\"files\":[{\"DestinationFilePath\":\"I:\\\\settings.json\"", File.ReadAllText(list), StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Application_WaitsUntilTheGatewayHasSeenTheBirth()
    {
        await using ProvisionedGateway gateway = await ProvisionedGateway.StartAsync();
        Provision();
        TaskCompletionSource deployed = new();
        Task<(int Code, string Output)> script = RunAsync(
            line => _ = line.StartsWith("waiting for the birth", StringComparison.Ordinal) && deployed.TrySetResult(),
            "application", "--device", _folder, "--port", "x", "--image", "app.bin", "--gateway", gateway.Url);
        await Task.WhenAny(deployed.Task, script).WaitAsync(Patience.Limit);
        Assert.IsFalse(script.IsCompleted, script.IsCompleted ? (await script).Output : "");

        await using VirtualBoard board = new(new VirtualBoardOptions { ClientId = "GID_home@@@kitchen", Port = gateway.EndPoint.Port });
        board.Start();

        (int code, string output) = await script.WaitAsync(Patience.Limit);
        Assert.AreEqual(0, code, output);
        Assert.Contains("the gateway has seen it: {\"id\":\"GID_home@@@kitchen\"", output, StringComparison.Ordinal);
        Assert.Contains("--nanodevice --deploy --serialport x --image app.bin", File.ReadAllText(Log), StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Application_GatewayAway_DeploysNothing()
    {
        Provision();

        (int code, string output) = await RunAsync("application", "--device", _folder, "--port", "x", "--gateway", "mqtt://127.0.0.1:9");

        Assert.AreEqual(1, code, output);
        Assert.DoesNotContain("nanoff", File.ReadAllText(Log), StringComparison.Ordinal);
    }

    private void Provision() => new DeviceFolder(_folder).Write(
        new DeviceSettings { ClientId = "GID_home@@@kitchen", Board = "esp32-devkitc", Host = "h", Port = 1883, UserName = "kitchen", Password = "p", Ssid = "s" },
        caCertificate: null);

    private Task<(int Code, string Output)> RunAsync(params string[] words) => RunAsync(static _ => { }, words);

    private async Task<(int Code, string Output)> RunAsync(Action<string> onLine, params string[] words)
    {
        string bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        string fake = Path.Combine(bin, "dotnet");
        await File.WriteAllTextAsync(fake, DotNet);
        File.SetUnixFileMode(fake, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        ProcessStartInfo start = new(Path.Combine(RepositoryRoot.Path, "firmware", "flash.sh"), words)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}",
                ["FLASH_LOG"] = Log,
                ["REAL_DOTNET"] = Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "/usr/bin/dotnet",
                ["GATEWAY_DLL"] = typeof(DeviceFolder).Assembly.Location,
            },
        };
        using Process process = Process.Start(start)!;
        List<string> lines = [];
        void Take(object sender, DataReceivedEventArgs e)
        {
            if (e.Data is { } line)
            {
                lock (lines)
                {
                    lines.Add(line);
                }

                onLine(line);
            }
        }

        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.WaitForExitAsync().WaitAsync(Patience.Limit);
        return (process.ExitCode, string.Join('\n', lines));
    }
}
