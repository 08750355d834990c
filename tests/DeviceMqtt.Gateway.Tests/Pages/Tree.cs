namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>The source tree that the tests were built in.</summary>
internal static class Tree
{
    public static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
                return folder.FullName;
        throw new AssertFailedException("DeviceMqtt.sln is in no folder above the test");
    }
}
