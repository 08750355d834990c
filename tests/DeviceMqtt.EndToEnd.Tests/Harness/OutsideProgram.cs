namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>Programs that are not ours and may be missing: a test that needs one is skipped with the reason, never failed.</summary>
internal static class OutsideProgram
{
    // Debian keeps daemons in /usr/sbin, which is not on everybody's PATH.
    private static readonly string[] MoreFolders = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

    public static string? Find(string name)
    {
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] suffixes = OperatingSystem.IsWindows() ? [".exe", ".cmd"] : [""];
        return path.Concat(MoreFolders)
            .SelectMany(_ => suffixes, (folder, suffix) => Path.Combine(folder, name + suffix))
            .FirstOrDefault(File.Exists);
    }

    public static string Require(string name, string package) =>
        Find(name) ?? throw new AssertInconclusiveException($"needs {name}, which is not on this machine (package {package})");
}
