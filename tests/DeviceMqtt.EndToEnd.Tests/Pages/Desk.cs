using System.Text.RegularExpressions;
using DeviceMqtt.Device;
using DeviceMqtt.EndToEnd.Tests.Tree;
using DeviceMqtt.Simulator;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>
/// Where somebody sits who follows a page: a machine with the gateway on it as a service, in a folder and on ports of its own. The programs that the
/// pages start are found under their names (<see cref="DeskPrograms"/>).
/// </summary>
internal sealed partial class Desk : IAsyncDisposable
{
    /// <summary>What the page's passwords are here: the gateway wants ten characters.</summary>
    public const string Password = "a-long-secret";

    private readonly TestFolder _folder = new();
    private readonly List<(ChildProcess Process, string FirstWord)> _background = [];
    private readonly List<VirtualBoard> _boards = [];
    private readonly int _mqtt = FreePorts.Take();
    private readonly int _http = FreePorts.Take();
    private readonly int _other = FreePorts.Take(); // of a broker that is not the gateway
    private readonly bool _isOther; // what the page starts is that broker
    private readonly Dictionary<string, string> _environment;
    private string _said = "";

    /// <param name="page">That is read there.</param>
    public Desk(string page)
    {
        _isOther = page.Contains("samples/Broker", StringComparison.Ordinal);
        foreach (string folder in (string[])["bin", "home/.config", "etc/devicemqtt", "etc/mosquitto", "var", "stick"])
            _ = Directory.CreateDirectory(_folder.File(folder));
        foreach ((string name, string script) in DeskPrograms.Of(_folder.Path, _mqtt))
            Program(name, script);
        _ = _folder.Write("etc/devicemqtt/gateway.json", $$"""{ "Listen": [ "127.0.0.1:{{_mqtt}}" ], "Http": "127.0.0.1:{{_http}}" }""");
        _ = _folder.Write("etc/mosquitto/mosquitto.conf", "listener 1883 127.0.0.1\nallow_anonymous true\npersistence true\n");
        _environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = $"{_folder.Path}/bin:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin",
            ["HOME"] = _folder.File("home"),
            ["XDG_CONFIG_HOME"] = _folder.File("home/.config"),
            ["DEVICEMQTT__Data"] = _folder.File("var/devicemqtt"),
            ["DEVICEMQTT_CONFIG"] = _folder.File("etc/devicemqtt/gateway.json"),
        };
    }

    /// <summary>Does what a page takes for granted: <see cref="PageSteps.Given"/>.</summary>
    /// <returns>What went wrong; null when it is done.</returns>
    public async Task<string?> PrepareAsync(string before)
    {
        if (before.StartsWith(PageSteps.Ends, StringComparison.Ordinal))
        {
            await EndAsync(before[PageSteps.Ends.Length..]);
        }
        else if (before.StartsWith(PageSteps.Stays, StringComparison.Ordinal))
        {
            string[] parts = before.Split(':', 3);
            await StartAsync(parts[2], parts[1]);
        }
        else if (before.StartsWith(PageSteps.Board, StringComparison.Ordinal))
        {
            await ConnectBoardAsync(before[PageSteps.Board.Length..]);
        }
        else if (await RunAsync(before) is { Code: not 0 } failed)
        {
            return failed.ToString();
        }

        return null;
    }

    /// <summary>Runs one command to its end.</summary>
    /// <returns>Its exit code, with what it said.</returns>
    public async Task<(int Code, string Said)> RunAsync(string line)
    {
        // Passwords are asked for on a terminal alone: that of script(1). Who is asked has one made, or gives that of the page.
        bool isAsked = Asks().IsMatch(line);
        await using ChildProcess shell = isAsked ? ChildProcess.Start("script", ["-qec", Here(line), "/dev/null"], _folder.Path, _environment) : ChildProcess.Start("sh", ["-c", Here(line)], _folder.Path, _environment);
        try
        {
            foreach (int _ in (int[])[1, 2])
                shell.SendLine(Answer(line));
            shell.CloseInput();
        }
        catch (IOException)
        {
            // It asked for nothing, and has ended before it could be told: its exit code says how.
        }

        int code = await shell.WaitForExit();
        return (code, _said = shell.Transcript());
    }

    /// <summary>What is typed where a command asks: the page's password, or nothing, which has one made.</summary>
    public static string Answer(string line) => line.Contains("--wifi", StringComparison.Ordinal) || line.Contains(" password ", StringComparison.Ordinal) ? Password : "";

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
        foreach (VirtualBoard board in _boards)
            await board.DisposeAsync();
        await EndAsync();
        _ = await RunAsync("systemctl stop devicemqtt");
        _folder.Dispose();
    }

    // A board of that name, as the operator 'op' where the page has made one; returns when the gateway has its birth.
    private async Task ConnectBoardAsync(string name)
    {
        bool hasUsers = File.Exists(_folder.File("var/devicemqtt/users.json"));
        VirtualBoard board = new(new VirtualBoardOptions
        {
            Port = _mqtt,
            ClientId = $"GID_home@@@{name}",
            UserName = hasUsers ? "op" : null,
            Password = hasUsers ? Password : null,
            BackoffFirst = TimeSpan.FromMilliseconds(50),
        });
        _boards.Add(board);
        TaskCompletionSource birth = new(TaskCreationOptions.RunContinuationsAsynchronously);
        board.Happened += (_, happened) =>
        {
            if (happened.Note == DeviceNote.BirthTold)
                _ = birth.TrySetResult();
        };
        board.Start();
        await birth.Task.WaitAsync(Patience.Default);
    }

    // The line of the page, with the folders and ports of this desk.
    private string Here(string line)
    {
        string here = line.Replace("/etc/", $"{_folder.Path}/etc/", StringComparison.Ordinal).Replace("/var/lib/", $"{_folder.Path}/var/", StringComparison.Ordinal)
            .Replace("~/.local/share/DeviceMqtt/", $"{_folder.Path}/var/devicemqtt/", StringComparison.Ordinal).Replace("firmware/flash.sh", $"{Repository.Root}/firmware/flash.sh", StringComparison.Ordinal)
            .Replace("/mnt/stick/", $"{_folder.Path}/stick/", StringComparison.Ordinal).Replace("FOLDER", $"{_folder.Path}/published", StringComparison.Ordinal)
            .Replace("secret@", $"{Password}@", StringComparison.Ordinal).Replace("PASSWORD", Password, StringComparison.Ordinal).Replace("\"SECRET\"", $"\"{Password}\"", StringComparison.Ordinal)
            .Replace("UPSTREAM", _other.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        if (File.Exists(_folder.File("key.json")))
            here = here.Replace("dmk_...", Key().Match(File.ReadAllText(_folder.File("key.json"))).Value, StringComparison.Ordinal);
        here = here.Replace("/ID?", $"/{Identifier().Match(_said).Groups["id"].Value}?", StringComparison.Ordinal);
        here += Array.Find(PageSteps.Shortened, s => Regex.IsMatch(line, s.Line, RegexOptions.None, TimeSpan.FromSeconds(1))).More is { } more ? (here.Contains(" -- ", StringComparison.Ordinal) ? more : " --" + more) : "";
        here = AnyMachine().Replace(here, "${1}127.0.0.1:1883").Replace("mqtts://", "mqtt://", StringComparison.Ordinal);
        if (here.Contains("DeviceMqtt.Simulator -- boards", StringComparison.Ordinal) && !here.Contains("--gateway", StringComparison.Ordinal))
            here = here.Replace("-- boards", "-- boards --gateway 127.0.0.1:1883", StringComparison.Ordinal);
        int broker = _isOther ? _other : _mqtt;
        here = here.Replace(":1883", $":{_mqtt}", StringComparison.Ordinal).Replace("-p 1883", $"-p {broker}", StringComparison.Ordinal).Replace("-- 1883", $"-- {broker}", StringComparison.Ordinal)
            .Replace(":8080", $":{_http}", StringComparison.Ordinal);
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

    /// <summary>Commands that ask for a password.</summary>
    [GeneratedRegex("(user add|user password|device add) (?!.*(-file|-open))")]
    public static partial Regex Asks();

    [GeneratedRegex(@"(mqtts?://[^@ ]+@)[\w.]+:\d+")]
    private static partial Regex AnyMachine();

    [GeneratedRegex(@"dmk_[^""]+")]
    private static partial Regex Key();

    [GeneratedRegex(@"""id"":""(?<id>[^""]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Identifier();
}
