namespace DeviceMqtt.Firmware.Tests;

/// <summary>The folder of DeviceMqtt.sln, above where the tests run.</summary>
internal static class RepositoryRoot
{
    internal static string Path { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "DeviceMqtt.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("DeviceMqtt.sln is not above " + AppContext.BaseDirectory);
    }
}
