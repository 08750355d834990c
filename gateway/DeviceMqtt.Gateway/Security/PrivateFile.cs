using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Files with secrets: nobody but their owner reads them, from the first byte on. On Windows the folder's rights count.</summary>
internal static partial class PrivateFile
{
    private const int OthersNothing = 0b000_111_111; // of an umask

    private const int LockTries = 50;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whatever this process makes from now on is its owner's alone, the files of the journal too.</summary>
    public static void ApplyToProcess()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetMask(OthersNothing);
    }

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

        FileStream file = new(path, options);
        GiveToOwnerOfFolder(path);
        return file;
    }

    /// <summary>Writes a file anew: whoever reads it gets the old one or the new one, whole, also after a power cut.</summary>
    /// <exception cref="IOException">It cannot be written, or the disk has not kept it: the old one is there.</exception>
    /// <param name="path">With mode 600 afterwards.</param>
    /// <param name="write">Writes what it is to hold.</param>
    public static void Replace(string path, Action<FileStream> write)
    {
        string next = path + ".tmp";
        CreateKept(next, write);
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Makes a file whose contents are on the disk afterwards; its name may not be.</summary>
    /// <exception cref="IOException">It cannot be written, or the disk has not kept it.</exception>
    /// <param name="path">With mode 600 afterwards.</param>
    /// <param name="write">Writes what it is to hold.</param>
    public static void CreateKept(string path, Action<FileStream> write)
    {
        using FileStream file = Create(path);
        write(file);
        DiskSync.File(file);
    }

    /// <summary>The names of all files and folders below a folder are on the disk.</summary>
    /// <exception cref="IOException">They are not.</exception>
    public static void SyncAllNames(string folder)
    {
        foreach (string below in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
            DiskSync.Names(below);
        DiskSync.Names(folder);
    }

    /// <summary>The name of a folder is on the disk, where this account may have that done: a folder above that it may not read (mode 0711) it cannot sync, either.</summary>
    /// <returns>What to say when it may not be there after a power cut; null when it is.</returns>
    public static string? SyncNameOf(string folder)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is not { } above)
            return null;
        try
        {
            DiskSync.Names(above);
            return null;
        }
        catch (IOException exception)
        {
            return $"all of '{folder}' is on the disk; if that folder is new, its own name may not be there yet ({exception.Message}): say 'sync' before you rely on it";
        }
    }

    /// <summary>So for a JSON object.</summary>
    public static void ReplaceObject(string path, Action<Utf8JsonWriter> writeMembers) => Replace(path, file =>
    {
        using Utf8JsonWriter writer = new(file, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writeMembers(writer);
        writer.WriteEndObject();
    });

    /// <summary>Keeps other processes from changing a file until it is disposed of: what they wrote in between would be lost.</summary>
    /// <exception cref="IOException">Another one has had it for <see cref="LockTries"/> times <see cref="LockPause"/>; so for whatever else fails.</exception>
    public static FileStream Lock(string path)
    {
        FileStream held = OpenAlone(path + ".lock");
        GiveToOwnerOfFolder(path + ".lock");
        return held;
    }

    /// <summary>A file with mode 600 that is written at its end, and made if there is none.</summary>
    public static FileStream Append(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.Append, Access = FileAccess.Write, BufferSize = 0 }; // what fails is not tried again behind the back of who writes
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        FileStream file = new(path, options);
        GiveToOwnerOfFolder(path);
        return file;
    }

    private static FileStream OpenAlone(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        for (int tries = 1; ; tries++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (tries < LockTries && File.Exists(path))
            {
                Thread.Sleep(LockPause);
            }
        }
    }

    /// <summary>A folder with mode 700, if there is none, and those above it.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return; // with its owner and mode as they are
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // The mode is for the last folder only; those above that are missing are as private.
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } above)
            CreateFolder(above);
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        GiveToOwnerOfFolder(path);
    }

    /// <summary>A folder that only the gateway uses, with mode 700; one that is there gets this mode.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public static void CreateOwnFolder(string path)
    {
        CreateFolder(path);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <summary>Other accounts of this machine can see what is in the folder.</summary>
    public static bool IsOpenToOthers(string folder) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & ~(OwnerOnly | UnixFileMode.UserExecute)) != UnixFileMode.None;

    /// <summary>
    /// An administrator works in the folder of the gateway's own account: what root makes there the gateway has to read, so it is given to
    /// whom the folder belongs. Set once, by the commands that work on such a folder; the gateway itself makes what is its own.
    /// </summary>
    public static bool IsForOwnerOfFolder { get; set; }

    /// <summary>Gives a file that root has written to the owner and group of the one that it is to replace.</summary>
    /// <exception cref="IOException">It cannot be given.</exception>
    public static void GiveAs(string path, string replaced)
    {
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            Give(path, replaced);
    }

    /// <summary>Gives a file that root has written to the owner and group of its folder, where this process works for them.</summary>
    /// <exception cref="IOException">It cannot be given.</exception>
    public static void GiveToOwnerOfFolder(string path)
    {
        if (!IsForOwnerOfFolder || OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess || Path.GetDirectoryName(Path.GetFullPath(path)) is not { } folder)
            return;
        Give(path, folder);
    }

    // By itself: the gateway starts no program, and loads nothing for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Give(string path, string like)
    {
        try
        {
            using Process? chown = Process.Start(new ProcessStartInfo(ChownPath, [$"--reference={like}", "--", path]) { RedirectStandardError = true, UseShellExecute = false });
            string problem = chown?.StandardError.ReadToEnd() ?? "";
            chown?.WaitForExit();
            if (chown is not { ExitCode: 0 })
                throw new IOException($"'{path}' cannot be given to the owner of '{like}': {problem.Trim()}");
        }
        catch (Win32Exception exception)
        {
            throw new IOException($"'{path}' cannot be given to the owner of '{like}': there is no program chown", exception);
        }
    }

    // Also where nothing is in the environment.
    private static string ChownPath => Array.Find(["/usr/bin/chown", "/bin/chown"], File.Exists) ?? "chown";

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetMask(int mask);
}
