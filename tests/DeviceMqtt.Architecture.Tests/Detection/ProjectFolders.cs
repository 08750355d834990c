namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>
/// Finds the folder of a file: the first part of its path below its project, so Records/PublishRecord.cs and Records/Old/PublishRecord.cs
/// are both in Records. What lies beside the project file is in the folder ".".
/// </summary>
/// <param name="project">The project's name, which is also the name of its folder.</param>
/// <param name="sources">The source files of the project, relative to its folder, with '/'.</param>
internal sealed class ProjectFolders(string project, IReadOnlyCollection<string> sources)
{
    public const string Root = ".";

    private readonly HashSet<string> _sources = new(sources, StringComparer.Ordinal);

    /// <summary>The folder of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="documents">What the PDB says about it: for a source file with another name than its type, or two with the same.</param>
    /// <returns>The folder; null if the file is not written by hand, or cannot be found.</returns>
    public string? Find(TypeFile file, IEnumerable<string> documents)
    {
        string[] named = [.. sources.Where(path => Path.GetFileName(path) == $"{file.Name}.cs").Order(StringComparer.Ordinal)];
        string[] written = [.. documents.Select(BelowProject).OfType<string>().Order(StringComparer.Ordinal)];
        string? path = named.Length == 1
            ? named[0]
            : named.FirstOrDefault(candidate => written.Contains(candidate, StringComparer.Ordinal))
                ?? named.FirstOrDefault(candidate => NamespaceOf(candidate) == file.Namespace)
                ?? written.FirstOrDefault();
        return path is null ? null : FolderOf(path);
    }

    /// <summary>Whether a file that has no folder is made by a compiler or generator, so that it needs none.</summary>
    public static bool IsGenerated(TypeFile file, IEnumerable<string> documents) =>
        file.Name.StartsWith('<')
        || documents.Any()
        // The compiler puts its attributes there, when the framework has none of that name.
        || file.Namespace is "Microsoft.CodeAnalysis" or "System.Runtime.CompilerServices";

    private static string FolderOf(string path) => path.Contains('/', StringComparison.Ordinal) ? path.Split('/')[0] : Root;

    private string NamespaceOf(string path) =>
        path.Contains('/', StringComparison.Ordinal) ? $"{project}.{Path.GetDirectoryName(path)!.Replace('/', '.').Replace('\\', '.')}" : project;

    // The PDB has the path of the machine that built; only what follows the project's name can be compared.
    private string? BelowProject(string document)
    {
        string mark = $"/{project}/";
        int at = document.LastIndexOf(mark, StringComparison.Ordinal);
        string path = at < 0 ? "" : document[(at + mark.Length)..];
        return _sources.Contains(path) ? path : null;
    }
}
