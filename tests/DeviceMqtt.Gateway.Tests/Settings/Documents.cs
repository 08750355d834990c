namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>The documents of the project, and the code blocks in them.</summary>
internal static class Documents
{
    private static readonly string[] Folders = [Path.Combine("gateway", "docs"), "hardware"];
    private static readonly string[] Files = ["README.md", Path.Combine("firmware", "README.md")];

    /// <summary>A block of code.</summary>
    /// <param name="Where">File and line.</param>
    /// <param name="Language">What stands behind the three backticks.</param>
    /// <param name="Lines">Between them.</param>
    internal sealed record Block(string Where, string Language, IReadOnlyList<string> Lines);

    /// <summary>All blocks of all documents for people.</summary>
    public static IEnumerable<Block> Blocks()
    {
        string root = Root();
        IEnumerable<string> files = Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.md", SearchOption.AllDirectories)).Concat(Files.Select(file => Path.Combine(root, file)));
        foreach (string file in files.Order(StringComparer.Ordinal))
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

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
                return folder.FullName;
        throw new AssertFailedException("DeviceMqtt.sln is in no folder above the test");
    }
}
