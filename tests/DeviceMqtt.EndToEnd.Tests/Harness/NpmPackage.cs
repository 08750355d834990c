namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>A package of npm, installed beside the test's assembly, once. Where node or the package cannot be had, what needs it is skipped.</summary>
/// <param name="name">With its version.</param>
/// <param name="folder">Of its own, in the folder Js.</param>
internal sealed class NpmPackage(string name, string folder)
{
    private readonly Lazy<Task<string?>> _refusal = new(() => Install(name, FolderOf(folder)));

    public string Folder => FolderOf(folder);

    /// <summary>Runs a script with node, once the package is there.</summary>
    /// <param name="script">Its path, relative to <see cref="Folder"/> or absolute.</param>
    /// <param name="arguments">Each as the script shall see it.</param>
    /// <param name="environment">Variables on top of those of the test.</param>
    public async Task<ChildProcess> Run(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (await _refusal.Value is string reason)
            throw new AssertInconclusiveException(reason);
        return ChildProcess.Start(OutsideProgram.Find("node")!, [Path.Combine(Folder, script), .. arguments], environment: environment);
    }

    private static string FolderOf(string folder) => Path.Combine(AppContext.BaseDirectory, "Js", folder);

    private static async Task<string?> Install(string name, string folder)
    {
        if (OutsideProgram.Find("node") is null)
            return "needs node, which is not on this machine";
        // npm writes this file last.
        if (File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json")))
            return null;
        if (OutsideProgram.Find("npm") is not string npm)
            return "needs npm, which is not on this machine";
        _ = Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{ "private": true }""");
        await using ChildProcess process = ChildProcess.Start(npm, ["install", "--no-audit", "--no-fund", "--ignore-scripts", name], folder);
        int exitCode = await process.WaitForExit(TimeSpan.FromMinutes(3));
        return exitCode == 0
            ? null
            : $"needs the npm package {name}, which cannot be had here: {process.Errors.Items.LastOrDefault(static line => line.StartsWith("npm error", StringComparison.Ordinal))}";
    }
}
