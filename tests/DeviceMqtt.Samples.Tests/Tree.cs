namespace DeviceMqtt.Samples.Tests;

/// <summary>The source tree that this test was built from.</summary>
internal static class Tree
{
#if DEBUG
    public const string Configuration = "Debug";
#else
    public const string Configuration = "Release";
#endif

    /// <summary>The packages, each with the folder of its project and the packages that it depends on.</summary>
    public static readonly IReadOnlyDictionary<string, (string Folder, string[] Needs)> Packages = new Dictionary<string, (string, string[])>
    {
        ["DeviceMqtt.Protocol"] = ("gateway", []),
        ["DeviceMqtt.Journal"] = ("gateway", []),
        ["DeviceMqtt.Wire"] = ("firmware", []),
        ["DeviceMqtt.Broker"] = ("gateway", ["DeviceMqtt.Protocol", "DeviceMqtt.Wire"]),
        ["DeviceMqtt.Custody"] = ("gateway", ["DeviceMqtt.Broker", "DeviceMqtt.Journal", "Microsoft.Extensions.Logging.Abstractions"]),
        ["DeviceMqtt.Client"] = ("gateway", ["DeviceMqtt.Wire", "MQTTnet"]),
        // Logging comes with Hosting; Directory.Packages.props pins its version, and so it is named.
        ["DeviceMqtt.Relay"] = ("gateway", ["DeviceMqtt.Broker", "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Logging.Abstractions"]),
    };

    public static string Root { get; } = FindRoot();

    public static string FolderOf(string package) => Path.Combine(Root, Packages[package].Folder, package);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "DeviceMqtt.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException($"no DeviceMqtt.sln above {AppContext.BaseDirectory}");
    }
}
