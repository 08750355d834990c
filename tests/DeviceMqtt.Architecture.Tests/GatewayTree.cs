namespace DeviceMqtt.Architecture.Tests;

/// <summary>The gateway as it is: its source tree, and what was compiled from it and lies beside this test.</summary>
internal static class GatewayTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every assembly of the gateway.</summary>
    public static IReadOnlyList<AssemblyView> Assemblies { get; } = [.. Projects().Select(Read)];

    public static Picture ReadPicture() => Picture.Parse(File.ReadAllText(Path.Combine(Root, Picture.Document)));

    private static IEnumerable<DirectoryInfo> Projects() =>
        new DirectoryInfo(Path.Combine(Root, "gateway"))
            .EnumerateDirectories($"{AssemblyView.Ours}*")
            .Where(folder => File.Exists(Path.Combine(folder.FullName, $"{folder.Name}.csproj")))
            .OrderBy(folder => folder.Name, StringComparer.Ordinal);

    private static AssemblyView Read(DirectoryInfo project) =>
        AssemblyView.Read(Path.Combine(AppContext.BaseDirectory, $"{project.Name}.dll"), [.. Sources(project, "")]);

    private static IEnumerable<string> Sources(DirectoryInfo folder, string path) =>
        folder.EnumerateFiles("*.cs").Select(file => $"{path}{file.Name}")
            .Concat(folder.EnumerateDirectories().Where(sub => sub.Name is not ("bin" or "obj")).SelectMany(sub => Sources(sub, $"{path}{sub.Name}/")));

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
