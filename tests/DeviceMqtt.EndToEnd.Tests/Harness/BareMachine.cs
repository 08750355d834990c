namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// A machine with systemd in namespaces of its own, without a network: unshare starts it. It is a bare Debian that debootstrap makes, in half a minute, or
/// this machine once more, with all that is installed on it, in a second or two. Needs root.
/// </summary>
internal sealed class BareMachine : IAsyncDisposable
{
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(5);

    // Two would have one group of processes for the same service, and what stops it in one would end it in the other.
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    private readonly TestFolder _folder;
    private readonly ChildProcess _machine;
    private readonly string _nsenter;
    private string _init = "";

    private BareMachine(TestFolder folder, ChildProcess machine, string nsenter)
    {
        _folder = folder;
        _machine = machine;
        _nsenter = nsenter;
    }

    /// <summary>Its file system, from outside.</summary>
    public string Root => $"/proc/{_init}/root";

    /// <summary>A bare Debian.</summary>
    /// <param name="include">What is installed on it besides systemd, with commas.</param>
    public static async Task<BareMachine> Start(string include)
    {
        RequireRoot();
        string debootstrap = OutsideProgram.Require("debootstrap", "debootstrap");
        TestFolder folder = new();
        await using (ChildProcess make = ChildProcess.Start(debootstrap, ["--variant=minbase", $"--include=systemd-sysv,dbus,{include}", "bookworm", folder.File("root")]))
            if (await make.WaitForExit(Slow) != 0)
                Assert.Inconclusive($"needs the packages of Debian 12: {make.Transcript()}");
        return await Start(folder, "bare");
    }

    /// <summary>This machine once more: what is changed there is gone with it.</summary>
    /// <param name="name">What it is called; it is found as NAME.local, too.</param>
    public static async Task<BareMachine> StartLikeThis(string name)
    {
        RequireRoot();
        if (!File.Exists("/sbin/init") || !Path.Exists("/etc/debian_version"))
            Assert.Inconclusive("needs a Debian with systemd (package systemd-sysv)");
        TestFolder folder = new();
        _ = Directory.CreateDirectory(folder.File("root"));
        return await Start(folder, name, "over");
    }

    private static void RequireRoot()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Inconclusive("needs root");
    }

    private static async Task<BareMachine> Start(TestFolder folder, params string[] arguments)
    {
        string unshare = OutsideProgram.Require("unshare", "util-linux");
        string nsenter = OutsideProgram.Require("nsenter", "util-linux");
        Assert.IsTrue(await OneAtATime.WaitAsync(Slow), "another machine is not done");
        ChildProcess machine = ChildProcess.Start(unshare,
            ["--fork", "--kill-child", "--pid", "--mount", "--net", "--ipc", "--uts", "--cgroup", "sh", Path.Combine(AppContext.BaseDirectory, "Packages", "machine.sh"), folder.File("root"), .. arguments]);
        BareMachine bare = new(folder, machine, nsenter);
        try
        {
            await bare.Boot();
            return bare;
        }
        catch
        {
            await bare.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command of a shell in it, as root.</summary>
    /// <param name="command">The command.</param>
    /// <param name="typed">Lines that are typed on a terminal; null where it has none.</param>
    /// <returns>Its exit code, and what it said.</returns>
    public async Task<(int ExitCode, string Said)> Try(string command, params string[]? typed)
    {
        string[] shell = typed is { Length: > 0 } ? ["script", "-qec", command, "/dev/null"] : ["sh", "-c", command];
        await using ChildProcess process = ChildProcess.Start(_nsenter,
            ["-t", _init, "-m", "-p", "-n", "-u", "-i", "-C", "-r", "-w", "--", "/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", "cd; exec \"$@\"", "sh", .. shell]);
        try
        {
            foreach (string line in typed ?? [])
                process.SendLine(line);
            process.CloseInput();
        }
        catch (IOException)
        {
            // It has ended before it was told: its exit code says how.
        }

        return (await process.WaitForExit(Slow), string.Join('\n', process.Output.Items.Concat(process.Errors.Items)));
    }

    /// <summary>The same for a command that must not fail.</summary>
    public async Task<string> Run(string command)
    {
        (int exitCode, string said) = await Try(command);
        Assert.AreEqual(0, exitCode, $"{command}: {said}");
        return said;
    }

    /// <summary>A program of this machine, in the network of the bare one.</summary>
    public ChildProcess StartInItsNetwork(string program, IEnumerable<string> arguments) => ChildProcess.Start(_nsenter, ["-t", _init, "-n", "--", program, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _ = OneAtATime.Release();
        _folder.Dispose();
    }

    private async Task Boot()
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        (int ExitCode, string Said) state = (-1, "");
        while (state.Said is not "running")
        {
            if (_machine.HasExited && _machine.Transcript().Contains("overlay", StringComparison.Ordinal))
                Assert.Inconclusive($"needs overlayfs: {_machine.Transcript()}");
            Assert.IsFalse(_machine.HasExited, _machine.Transcript());
            Assert.IsLessThan(Slow, System.Diagnostics.Stopwatch.GetElapsedTime(began), $"systemd does not come up: {state.Said}");
            // The process that systemd is: the one child of unshare.
            _init = (await File.ReadAllTextAsync($"/proc/{_machine.Id}/task/{_machine.Id}/children")).Trim();
            if (_init.Length > 0 && File.Exists($"/proc/{_init}/root/run/systemd/private"))
                state = await Try("systemctl is-system-running --wait");
        }
    }
}
