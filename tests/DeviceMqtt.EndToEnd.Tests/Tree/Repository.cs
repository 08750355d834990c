using System.Xml.Linq;

namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>The source tree this test was built from, without what builds and tools put into it.</summary>
internal static class Repository
{
    private static readonly HashSet<string> Made =
        new(StringComparer.Ordinal) { "bin", "obj", ".git", ".vs", ".idea", "artifacts", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts" };

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to the root, with '/', of the files with one of these endings.</summary>
    public static IEnumerable<string> Files(params string[] endings) =>
        Walk(new DirectoryInfo(Root))
            .Select(file => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'))
            .Where(path => endings.Length == 0 || endings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static XDocument ReadXml(string path) => XDocument.Parse(Read(path));

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder) =>
        folder.EnumerateFiles().Concat(folder.EnumerateDirectories().Where(sub => !Made.Contains(sub.Name)).SelectMany(Walk));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new AssertInconclusiveException("needs the source tree, and there is no DeviceMqtt.sln above the test");
    }
}
