using System.CommandLine;
using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>
/// Every command line in the documents is one. What starts the gateway's program is parsed by it; of what starts another program the
/// projects, files and options are looked at. A program that nobody here knows fails: somebody has to say how it is checked.
/// </summary>
[TestClass]
internal sealed class DocumentedCommandTests
{
    // From the package, from the sources, from a folder that was published to, and in a container.
    private static readonly string[] Ours =
    [
        "devicemqtt ", "dotnet run --project gateway/DeviceMqtt.Gateway -- ", "dotnet run -c Release --project gateway/DeviceMqtt.Gateway -- ",
        "dotnet /opt/devicemqtt/DeviceMqtt.Gateway.dll ", "docker exec devicemqtt dotnet DeviceMqtt.Gateway.dll ", "docker exec -it devicemqtt dotnet DeviceMqtt.Gateway.dll ",
    ];

    // With the options that the documents use of them, which are looked up in the manual of each once.
    private static readonly Dictionary<string, string[]> Others = new(StringComparer.Ordinal)
    {
        ["mosquitto_sub"] = ["-h", "-p", "-i", "-t", "-v", "-u", "-P", "-q", "-V", "--cafile"],
        ["mosquitto_pub"] = ["-h", "-p", "-i", "-t", "-m", "-u", "-P", "-q", "-V", "-r", "--cafile"],
        ["curl"] = ["-H", "-d", "-N", "-X", "--cacert"],
        ["docker"] = ["-f", "-t", "-d", "-p", "-v", "--name", "-it"],
        ["apt"] = [],
        ["systemctl"] = ["--now"],
        ["journalctl"] = ["-u", "-p", "-o", "--since"],
        ["git"] = ["-b"],
        ["npm"] = [],
        ["nanoff"] = ["--platform", "--serialport", "--masserase", "--update", "--fwversion", "--nanodevice", "--deploy", "--image", "--filedeployment"],
        ["tar"] = ["-C"],
        ["ln"] = ["-s"],
        ["cp"] = ["-a"],
        ["mv"] = [],
        ["chown"] = ["-R"],
        ["chmod"] = [],
        ["cat"] = [],
        ["mkdir"] = ["-p", "-m"],
        ["firmware/flash.sh"] = ["--device", "--port", "--masserase"],
    };

    [TestMethod]
    public void Document_EachCommandOfTheGateway_IsUnderstood()
    {
        RootCommand root = OtherCommands.Root(new RunOptions(), new Command("run", "Run the gateway (the default)."));
        List<string> wrong = [];
        int count = 0;
        foreach ((string where, string line) in Lines())
            if (Ours.FirstOrDefault(program => line.StartsWith(program, StringComparison.Ordinal)) is { } program)
            {
                count++;
                wrong.AddRange(root.Parse(Command(line, program)).Errors.Select(error => $"{where}: {line}: {error.Message}"));
            }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(60, count, "the commands were not found");
    }

    // In the text a command may stand without its arguments: `devicemqtt user add`.
    [TestMethod]
    public void Document_EachCommandInItsText_IsOne()
    {
        RootCommand root = OtherCommands.Root(new RunOptions(), new Command("run", "Run the gateway (the default)."));
        List<string> wrong = [];
        int count = 0;
        foreach ((string where, string text) in Documents.Inline())
        {
            string line = WithoutSudo(text);
            if (Ours.FirstOrDefault(program => line.StartsWith(program, StringComparison.Ordinal)) is not { } program || line.Contains('|', StringComparison.Ordinal))
                continue;
            count++;
            wrong.AddRange(root.Parse(Command(line, program)).Errors.Where(static error => error.Message.StartsWith("Unrecognized", StringComparison.Ordinal)).Select(error => $"{where}: {text}: {error.Message}"));
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(30, count, "the commands were not found");
    }

    [TestMethod]
    public void Document_EachProjectAndFileOfDotnet_IsThere()
    {
        string[] paths =
        [
            .. Lines().Concat(Documents.Inline().Select(static pair => (pair.Where, WithoutSudo(pair.Text)))).Where(static pair => pair.Item2.StartsWith("dotnet ", StringComparison.Ordinal))
                .SelectMany(static pair => pair.Item2.Split(" -- ")[0].Split(' ').Where(static word => word.Contains('/', StringComparison.Ordinal) && !word.StartsWith('/') && !word.StartsWith('.')).Select(word => $"{pair.Item1}: {word}")),
        ];
        Assert.IsGreaterThan(30, paths.Length, "the projects were not found");
        string[] missing = [.. paths.Where(static path => !Path.Exists(Path.Combine(Documents.Root(), path.Split(": ")[1])))];
        Assert.IsEmpty(missing, string.Join('\n', missing));
    }

    [TestMethod]
    public void Document_EachOtherProgram_IsKnownWithItsOptions()
    {
        List<string> wrong = [];
        int count = 0;
        foreach ((string where, string line) in Lines(onlyCommands: false))
        {
            string name = line.Split(' ')[0];
            bool isOurs = Ours.Any(program => line.StartsWith(program.TrimEnd(), StringComparison.Ordinal)) || name == "dotnet";
            if (isOurs || !(Others.ContainsKey(name) || line.StartsWith("sudo ", StringComparison.Ordinal)))
                continue;
            count++;
            if (!Others.TryGetValue(name, out string[]? options))
                wrong.Add($"{where}: {line}: nobody knows {name}");
            else
                wrong.AddRange(Command(line, "").Split(' ').Skip(1).Where(word => word.StartsWith('-') && word.Length > 1 && !options.Contains(word.Split('=')[0])).Select(word => $"{where}: {line}: {name} has no {word}"));
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(40, count, "the programs were not found");
    }

    // What stands behind two blanks, or behind #, says what it does.
    private static string Command(string line, string program) => line[program.Length..].Split("  ")[0].Split(" #")[0].Split(" > ")[0].Split(" | ")[0].Split(" &")[0];

    // A variable in front is for the command behind it.
    private static string WithoutSudo(string line)
    {
        string text = line.StartsWith("sudo ", StringComparison.Ordinal) ? line["sudo ".Length..] : line;
        int blank = text.IndexOf(' ', StringComparison.Ordinal);
        return blank > 0 && text[..blank].Contains('=', StringComparison.Ordinal) && char.IsAsciiLetterUpper(text[0]) ? WithoutSudo(text[(blank + 1)..]) : text;
    }

    // Of blocks without a language, and of those of a shell; a line that ends with \ goes on with the next. Behind a pipe stands a command of its own.
    private static IEnumerable<(string Where, string Line)> Lines(bool onlyCommands = true)
    {
        foreach (Documents.Block block in Documents.Blocks().Where(static block => block.Language is "" or "sh" or "bash"))
        {
            string before = "";
            foreach (string part in block.Lines)
            {
                string line = before + part.Trim();
                before = line.EndsWith('\\') ? line[..^1] : "";
                if (before.Length > 0)
                    continue;
                foreach (string one in onlyCommands ? line.Split(" | ") : [line])
                    yield return (block.Where, WithoutSudo(one.Trim()));
            }
        }
    }
}
