using System.CommandLine;
using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>Every command line in the documents is one: its words are commands and options that there are.</summary>
[TestClass]
internal sealed class DocumentedCommandTests
{
    [TestMethod]
    public void Document_EachCommandInIt_IsUnderstood()
    {
        RunOptions run = new();
        RootCommand root = OtherCommands.Root(run, new Command("run", "Run the gateway (the default)."));
        List<string> wrong = [];
        int count = 0;
        foreach ((string file, int line, string command) in Commands())
        {
            count++;
            wrong.AddRange(root.Parse(command).Errors.Select(error => $"{file}, line {line}: {command}: {error.Message}"));
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(10, count, "the commands were not found");
    }

    // Lines of code blocks that begin with the program; what stands behind two blanks says what it does.
    private static IEnumerable<(string File, int Line, string Command)> Commands()
    {
        foreach (string file in Directory.EnumerateFiles(Docs(), "*.md"))
        {
            bool isCode = false;
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                if (line.StartsWith("```", StringComparison.Ordinal))
                    isCode = !isCode;
                string text = line.StartsWith("sudo ", StringComparison.Ordinal) ? line["sudo ".Length..] : line;
                if (isCode && text.StartsWith("devicemqtt ", StringComparison.Ordinal))
                    yield return (Path.GetFileName(file), number, text["devicemqtt ".Length..].Split("  ")[0].Split(" #")[0].Split(" > ")[0]);
            }
        }
    }

    private static string Docs()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
                return Path.Combine(folder.FullName, "gateway", "docs");
        throw new AssertFailedException("DeviceMqtt.sln is in no folder above the test");
    }
}
