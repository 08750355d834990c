using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>
/// Where somebody sits who follows a page: a machine with the gateway on it as a service, in a folder and on ports of its own. The programs that the
/// pages start are found under their names: the gateway of this build, and <c>sudo</c>, <c>systemctl</c> and <c>dotnet run</c> for as much as a page needs of them.
/// </summary>
internal sealed partial class Desk : IAsyncDisposable
{
    /// <summary>What the page's passwords are here: the gateway wants ten characters.</summary>
    public const string Password = "a-long-secret";

    private readonly TestFolder _folder = new();
    private readonly List<(ChildProcess Process, string FirstWord)> _background = [];
    private readonly int _mqtt = FreePorts.Take();
    private readonly int _http = FreePorts.Take();
    private readonly Dictionary<string, string> _environment;

    public Desk()
    {
        foreach (string folder in (string[])["bin", "home/.config", "etc/devicemqtt", "etc/mosquitto", "var", "stick"])
            _ = Directory.CreateDirectory(_folder.File(folder));
        string dotnet = Array.Find((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), static at => File.Exists(Path.Combine(at, "dotnet"))) ?? "/usr/bin";
        string gateway = $"{dotnet}/dotnet {GatewayProcess.Command[1]}";
        string simulator = $"{dotnet}/dotnet {Path.Combine(AppContext.BaseDirectory, "DeviceMqtt.Simulator.dll")}";
        Program("devicemqtt", $"exec {gateway} \"$@\"");
        Program("sudo", "exec \"$@\"");
        Program("dotnet", $"""
            all="$*"
            while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
            [ $# -gt 0 ] && shift
            case "$all" in
            *gateway/DeviceMqtt.Gateway*) exec {gateway} "$@";;
            *firmware/DeviceMqtt.Simulator*) exec {simulator} "$@";;
            esac
            echo "no such project here: $all" >&2; exit 9
            """);
        Program("systemctl", $$"""
            [ "$2" = devicemqtt ] || exit 9
            if [ "$1" != start ] && [ -f {{_folder.Path}}/pid ]; then
              kill $(cat {{_folder.Path}}/pid); while kill -0 $(cat {{_folder.Path}}/pid) 2>/dev/null; do sleep 0.05; done
              rm {{_folder.Path}}/pid
            fi
            [ "$1" = stop ] && exit 0
            : > {{_folder.Path}}/log
            {{gateway}} run > {{_folder.Path}}/log 2>&1 < /dev/null & echo $! > {{_folder.Path}}/pid
            until grep -q "listening http" {{_folder.Path}}/log; do kill -0 $! || { cat {{_folder.Path}}/log >&2; exit 1; }; sleep 0.05; done
            """);
        _ = _folder.Write("etc/devicemqtt/gateway.json", $$"""{ "Listen": [ "127.0.0.1:{{_mqtt}}" ], "Http": "127.0.0.1:{{_http}}" }""");
        _ = _folder.Write("etc/mosquitto/mosquitto.conf", "listener 1883 127.0.0.1\nallow_anonymous true\npersistence true\n");
        _environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{_folder.Path}/bin:{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = _folder.File("home"),
            ["XDG_CONFIG_HOME"] = _folder.File("home/.config"),
            ["DEVICEMQTT__Data"] = _folder.File("var/devicemqtt"),
            ["DEVICEMQTT_CONFIG"] = _folder.File("etc/devicemqtt/gateway.json"),
        };
    }

    /// <summary>Runs one command to its end.</summary>
    /// <returns>Its exit code, with what it said.</returns>
    public async Task<(int Code, string Said)> RunAsync(string line)
    {
        // Passwords are asked for on a terminal alone: that of script(1). Who is asked has one made, or gives that of the page.
        bool isAsked = Asks().IsMatch(line);
        string answer = line.Contains("--wifi", StringComparison.Ordinal) || line.Contains(" password ", StringComparison.Ordinal) ? Password : "";
        await using ChildProcess shell = isAsked ? ChildProcess.Start("script", ["-qec", Here(line), "/dev/null"], _folder.Path, _environment) : ChildProcess.Start("sh", ["-c", Here(line)], _folder.Path, _environment);
        try
        {
            foreach (int _ in (int[])[1, 2])
                shell.SendLine(answer);
            shell.CloseInput();
        }
        catch (IOException)
        {
            // It asked for nothing, and has ended before it could be told: its exit code says how.
        }

        return (await shell.WaitForExit(), shell.Transcript());
    }

    /// <summary>Starts what stays, until the page is read; returns with its first word.</summary>
    public async Task StartAsync(string line, string firstWord)
    {
        ChildProcess shell = ChildProcess.Start("sh", ["-c", "exec " + Here(line)], _folder.Path, _environment);
        _background.Add((shell, firstWord));
        _ = await shell.Output.WaitFor(said => said.Contains(firstWord, StringComparison.Ordinal), firstWord);
    }

    /// <summary>Ends what stays, as Ctrl-C does.</summary>
    /// <param name="firstWord">Those of this word; null for all.</param>
    public async Task EndAsync(string? firstWord = null)
    {
        foreach ((ChildProcess process, _) in _background.Where(b => firstWord is null || b.FirstWord == firstWord))
        {
            process.Terminate();
            _ = await process.WaitForExit();
            await process.DisposeAsync();
        }

        _ = _background.RemoveAll(b => firstWord is null || b.FirstWord == firstWord);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _ = await RunAsync("systemctl stop devicemqtt");
        _folder.Dispose();
    }

    // The line of the page, with the folders and ports of this desk.
    private string Here(string line)
    {
        string here = line.Replace("/etc/", $"{_folder.Path}/etc/", StringComparison.Ordinal).Replace("/var/lib/", $"{_folder.Path}/var/", StringComparison.Ordinal)
            .Replace("/mnt/stick/", $"{_folder.Path}/stick/", StringComparison.Ordinal).Replace("secret@", $"{Password}@", StringComparison.Ordinal).Replace("PASSWORD", Password, StringComparison.Ordinal);
        here = AnyMachine().Replace(here, "${1}127.0.0.1:1883").Replace("mqtts://", "mqtt://", StringComparison.Ordinal);
        here = here.Replace(":1883", $":{_mqtt}", StringComparison.Ordinal).Replace("-p 1883", $"-p {_mqtt}", StringComparison.Ordinal).Replace(":8080", $":{_http}", StringComparison.Ordinal);
        if (here.StartsWith("mosquitto_", StringComparison.Ordinal) && !here.Contains(" -p ", StringComparison.Ordinal))
            here = here.Insert("mosquitto_sub".Length, $" -p {_mqtt}");
        // A subscriber stays: here it ends when it has its SUBACK.
        return here.StartsWith("mosquitto_sub", StringComparison.Ordinal) ? here.Insert("mosquitto_sub".Length, " -E") : here;
    }

    private void Program(string name, string script)
    {
        string path = _folder.Write($"bin/{name}", $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) // where the tests are not run
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [GeneratedRegex("(user add|user password|device add) (?!.*(-file|-open))")]
    private static partial Regex Asks();

    [GeneratedRegex(@"(mqtts?://[^@ ]+@)[\w.]+:\d+")]
    private static partial Regex AnyMachine();
}
