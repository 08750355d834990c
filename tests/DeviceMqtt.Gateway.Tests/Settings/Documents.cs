namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>The documents of the project, and the code blocks in them.</summary>
internal static class Documents
{
    private static readonly string[] Folders = [Path.Combine("gateway", "docs"), Path.Combine("gateway", "samples"), Path.Combine("firmware", "docs"), "hardware"];
    private static readonly string[] Files = ["README.md", Path.Combine("firmware", "README.md"), Path.Combine("tests", "README.md"), Path.Combine("gateway", "DeviceMqtt.Client", "README.md")];

    /// <summary>A block of code.</summary>
    /// <param name="Where">File and line.</param>
    /// <param name="Language">What stands behind the three backticks.</param>
    /// <param name="Lines">Between them.</param>
    internal sealed record Block(string Where, string Language, IReadOnlyList<string> Lines);

    /// <summary>The commands in the text: what stands in single backticks.</summary>
    public static IEnumerable<(string Where, string Text)> Inline()
    {
        foreach (string file in All())
        {
            bool isInBlock = false;
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                if (line.StartsWith("```", StringComparison.Ordinal))
                    isInBlock = !isInBlock;
                else if (!isInBlock)
                    foreach (string text in line.Split('`').Where(static (_, i) => i % 2 == 1))
                        yield return ($"{Path.GetRelativePath(Root(), file)}, line {number}", text);
            }
        }
    }

    private static IEnumerable<string> All()
    {
        string root = Root();
        return Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.md", SearchOption.AllDirectories)).Concat(Files.Select(file => Path.Combine(root, file))).Order(StringComparer.Ordinal);
    }

    /// <summary>All blocks of all documents for people.</summary>
    public static IEnumerable<Block> Blocks()
    {
        string root = Root();
        foreach (string file in All())
        {
            Block? open = null;
            List<string> lines = [];
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                if (!line.StartsWith("```", StringComparison.Ordinal))
                {
                    lines.Add(line);
                }
                else if (open is null)
                {
                    lines = [];
                    open = new Block($"{Path.GetRelativePath(root, file)}, line {number}", line[3..].Trim(), lines);
                }
                else
                {
                    yield return open;
                    open = null;
                }
            }

            Assert.IsNull(open, $"{open?.Where}: a block that does not end");
        }
    }

    /// <summary>What a line of a block begins with that is a command; before it may stand <c>sudo</c>, or a variable for it.</summary>
    private static readonly string[] Programs =
    [
        "devicemqtt", "dotnet", "docker", "mosquitto_sub", "mosquitto_pub", "curl", "apt", "systemctl", "journalctl", "git", "npm", "nanoff", "tar", "ln", "cp", "mv", "chown", "chmod", "cat", "mkdir",
        "firmware/flash.sh", "sudo",
    ];

    /// <summary>The commands of all blocks, as one writes them: a line that ends with \ goes on with the next, and what goes into a file (&lt;&lt;EOF) belongs to its command.</summary>
    public static IEnumerable<(string Where, string Line)> Commands()
    {
        foreach (Block block in Blocks().Where(static block => block.Language is "" or "sh" or "bash"))
        {
            string before = "";
            foreach (string part in block.Lines)
            {
                string line = before + (before.Contains('\n', StringComparison.Ordinal) ? part : part.Trim());
                bool isOpen = line.Contains("<<EOF", StringComparison.Ordinal) && !line.EndsWith("\nEOF", StringComparison.Ordinal);
                before = isOpen ? line + "\n" : line.EndsWith('\\') ? line[..^1] : "";
                if (before.Length == 0 && (Programs.Contains(line.Split(' ')[0]) || (char.IsAsciiLetterUpper(line.FirstOrDefault()) && line.Split(' ')[0].Contains('=', StringComparison.Ordinal))))
                    yield return (block.Where, line);
            }
        }
    }

    public static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
                return folder.FullName;
        throw new AssertFailedException("DeviceMqtt.sln is in no folder above the test");
    }
}
