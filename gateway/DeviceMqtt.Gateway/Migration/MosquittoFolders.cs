namespace DeviceMqtt.Gateway.Migration;

/// <summary>The folders that <c>include_dir</c> of a <c>mosquitto.conf</c> names, and their files.</summary>
/// <param name="beside">Folder of the file: where it was copied from another machine, its folders may be beside it.</param>
internal sealed class MosquittoFolders(string beside)
{
    private const string Ending = ".conf";
    private const int DepthMax = 10; // as in mosquitto
    private const int FilesMax = 1_000; // chosen: far more than anybody has
    private const int FileBytesMax = 1024 * 1024; // chosen: as a settings file

    private int _depth;
    private int _files;

    /// <summary>Where a folder is; null for nowhere.</summary>
    public string? Find(string folder) =>
        folder.Length == 0 ? null : Array.Find([Path.Combine(beside, folder), Path.Combine(beside, Path.GetFileName(folder.TrimEnd('/')))], Directory.Exists);

    /// <summary>One folder deeper, until it is disposed.</summary>
    /// <exception cref="InvalidDataException">They lie deeper in each other than mosquitto takes, or go round in a circle.</exception>
    public IDisposable Enter() => ++_depth <= DepthMax ? new Leaving(this) : throw new InvalidDataException($"folders of include_dir name each other more than {DepthMax} deep");

    /// <summary>Its files whose names end in <c>.conf</c>, in the order of mosquitto: capitals before small letters.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IEnumerable<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder).Where(static file => Path.GetFileName(file) is { Length: > 5 } name && name.EndsWith(Ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>The lines of a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is longer than any is, or there are too many.</exception>
    public string[] Read(string file)
    {
        if (++_files > FilesMax)
            throw new InvalidDataException($"include_dir names more than {FilesMax} files");
        return new FileInfo(file).Length <= FileBytesMax ? File.ReadAllLines(file) : throw new InvalidDataException($"'{file}' has more than {FileBytesMax} bytes");
    }

    private sealed class Leaving(MosquittoFolders folders) : IDisposable
    {
        public void Dispose() => folders._depth--;
    }
}
