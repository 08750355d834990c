namespace DeviceMqtt.Journal;

/// <summary>Syncs that say when they fail, for whoever writes files beside the journal. <c>FileStream.Flush(true)</c> does not, on Linux.</summary>
public static class DiskSync
{
    /// <summary>What was written into a file is on the disk.</summary>
    /// <exception cref="IOException">It is not. The error number is the HResult.</exception>
    public static void File(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Flush();
        NativeSync.File(file.SafeFileHandle, file.Name);
    }

    /// <summary>The names of the files in a folder are on the disk; nothing on systems that have no sync of names.</summary>
    /// <exception cref="IOException">They are not, or the folder cannot be opened.</exception>
    public static void Names(string folder) => NativeSync.Folder(folder, held: null);
}
