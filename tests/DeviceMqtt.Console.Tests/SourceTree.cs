namespace DeviceMqtt.Console.Tests;

/// <summary>The folder of the sources that these tests were built from.</summary>
internal static class SourceTree
{
    public static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
                return folder.FullName;
        throw new AssertInconclusiveException("needs the source tree");
    }
}
