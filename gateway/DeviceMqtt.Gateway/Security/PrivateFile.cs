namespace DeviceMqtt.Gateway.Security;

/// <summary>Files with secrets: nobody but their owner reads them, from the first byte on. On Windows the folder's rights count.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>An empty file with mode 600, in place of one that is there.</summary>
    public static FileStream Create(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
            // The mode is for a file that is made; one that was there keeps its own.
            File.Delete(path);
        }

        return new FileStream(path, options);
    }

    /// <summary>A folder with mode 700, if there is none.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }
}
