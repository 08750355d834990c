using System.CommandLine;
using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>Every command line in the documents is one: its words are commands and options that there are.</summary>
[TestClass]
internal sealed class DocumentedCommandTests
{
    // From the package, and from the sources.
    private static readonly string[] Programs = ["devicemqtt ", "dotnet run --project gateway/DeviceMqtt.Gateway -- ", "dotnet run -c Release --project gateway/DeviceMqtt.Gateway -- "];

    [TestMethod]
    public void Document_EachCommandInIt_IsUnderstood()
    {
        RunOptions run = new();
        RootCommand root = OtherCommands.Root(run, new Command("run", "Run the gateway (the default)."));
        List<string> wrong = [];
        int count = 0;
        foreach ((string where, string command) in Commands())
        {
            count++;
            wrong.AddRange(root.Parse(command).Errors.Select(error => $"{where}: {command}: {error.Message}"));
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(50, count, "the commands were not found");
    }

    // Lines of code blocks that begin with the program; what stands behind two blanks says what it does.
    private static IEnumerable<(string Where, string Command)> Commands()
    {
        foreach (Documents.Block block in Documents.Blocks())
            foreach (string line in block.Lines)
            {
                string text = line.StartsWith("sudo ", StringComparison.Ordinal) ? line["sudo ".Length..] : line;
                if (Array.Find(Programs, program => text.StartsWith(program, StringComparison.Ordinal)) is { } program)
                    yield return (block.Where, text[program.Length..].Split("  ")[0].Split(" #")[0].Split(" > ")[0]);
            }
    }
}
