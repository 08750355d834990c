using System.Globalization;
using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>
/// What a disk has when the power goes, by strace's protocol of the process: bytes that no sync has brought there are gone, and so is a file whose folder was not synced. After
/// a sync that failed Linux counts the pages as written: what was waiting for it never reaches the disk, however often the file is synced later.
/// </summary>
internal sealed partial class TracedDisk
{
    private readonly string _folder;
    private readonly Dictionary<string, List<Write>> _files = new(StringComparer.Ordinal);
    private readonly List<Name> _names = [];
    private readonly HashSet<string> _present;
    private readonly Dictionary<string, Call> _underWay = new(StringComparer.Ordinal);

    private TracedDisk(string folder, IEnumerable<string> present) => (_folder, _present) = (folder, new HashSet<string>(present, StringComparer.Ordinal));

    private enum Fate
    {
        Waits,
        IsOnDisk,
        IsLost,
    }

    /// <summary>For strace: what to trace, and how to write it down.</summary>
    public static string[] ArgumentsOf(string trace) => ["-f", "-qq", "-y", "-s", "4", "-o", trace, "-e", "trace=openat,pwrite64,pwritev,fdatasync,fsync,rename,unlink"];

    /// <summary>The files of a folder, for <see cref="Read"/>: taken before the process starts.</summary>
    public static IReadOnlyList<string> FilesOf(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories);

    public static TracedDisk Read(string trace, string folder, IReadOnlyList<string> before)
    {
        TracedDisk disk = new(folder, before);
        foreach (string line in File.ReadLines(trace))
            disk.Take(line);
        foreach (Call call in disk._underWay.Values) // it died in the middle of them: a write may have reached the cache
            disk.Begin(call);
        return disk;
    }

    /// <summary>Takes away what the disk does not have.</summary>
    /// <returns>Bytes and files that are gone.</returns>
    public (long Bytes, int Files) CutPower()
    {
        int files = 0;
        long bytes = 0;
        foreach ((string file, List<Write> writes) in _files)
            if (File.Exists(file))
                bytes += Forget(file, writes);
        // Backwards: a name that was given to a file and then changed goes back to the first.
        foreach (Name name in Enumerable.Reverse(_names))
        {
            if (!File.Exists(name.Of))
                continue;
            files++;
            if (name.Before is null)
                File.Delete(name.Of);
            else if (!File.Exists(name.Before))
                File.Move(name.Of, name.Before);
        }

        return (bytes, files);
    }

    private static long Forget(string file, List<Write> writes)
    {
        using FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        bool[] isLost = new bool[stream.Length];
        foreach (Write write in writes)
            if (write.Offset < isLost.Length)
                isLost.AsSpan((int)write.Offset, (int)Math.Min(write.Length, isLost.Length - write.Offset)).Fill(write.Fate != Fate.IsOnDisk);
        long total = 0;
        for (int at = 0; at < isLost.Length;)
        {
            int length = isLost.AsSpan(at).IndexOf(!isLost[at]);
            length = length < 0 ? isLost.Length - at : length;
            if (isLost[at])
            {
                stream.Position = at;
                stream.Write(new byte[length]);
                total += length;
            }

            at += length;
        }

        return total;
    }

    private void Take(string line)
    {
        if (Unfinished().Match(line) is { Success: true } begun)
        {
            Call call = new(begun.Groups["call"].Value, begun.Groups["arguments"].Value);
            Note(call);
            _underWay[begun.Groups["thread"].Value] = call;
        }
        else if (Resumed().Match(line) is { Success: true } resumed && _underWay.Remove(resumed.Groups["thread"].Value, out Call? call))
        {
            call.Arguments += resumed.Groups["arguments"].Value;
            Finish(call, Result(resumed));
        }
        else if (Whole().Match(line) is { Success: true } whole)
        {
            Call once = new(whole.Groups["call"].Value, whole.Groups["arguments"].Value);
            Note(once);
            Finish(once, Result(whole));
        }
    }

    private static long Result(Match match) => long.Parse(match.Groups["result"].ValueSpan, CultureInfo.InvariantCulture);

    // A sync answers for what was there when it began.
    private void Note(Call call)
    {
        if (call.Name is "fdatasync" or "fsync" && FileOf(call) is { } file)
        {
            call.Covers = [.. WritesOf(file).Where(static write => write.Fate == Fate.Waits)];
            call.CoversNames = [.. _names.Where(name => Path.GetDirectoryName(name.Of) == file)];
        }
    }

    private void Begin(Call call)
    {
        if (call.Name is "pwrite64" or "pwritev" && FileOf(call) is { } file && WriteOf().Match(call.Arguments) is { Success: true } match)
            WritesOf(file).Add(new Write(long.Parse(match.Groups["offset"].ValueSpan, CultureInfo.InvariantCulture), long.Parse(match.Groups["length"].ValueSpan, CultureInfo.InvariantCulture)));
    }

    private void Finish(Call call, long result)
    {
        switch (call.Name)
        {
            case "fdatasync" or "fsync":
                foreach (Write write in call.Covers)
                    write.Fate = result == 0 ? Fate.IsOnDisk : Fate.IsLost;
                if (result == 0)
                    _ = _names.RemoveAll(call.CoversNames.Contains);
                break;
            case "pwrite64" or "pwritev" when result > 0 && FileOf(call) is { } file && OffsetOf().Match(call.Arguments) is { Success: true } match:
                WritesOf(file).Add(new Write(long.Parse(match.Groups["offset"].ValueSpan, CultureInfo.InvariantCulture), result));
                break;
            case "openat" when result >= 0 && call.Arguments.Contains("O_CREAT", StringComparison.Ordinal) && PathsOf(call) is [string made] && _present.Add(made):
                _names.Add(new Name(made, null));
                break;
            case "rename" when result == 0 && PathsOf(call) is [string before, string after]:
                Rename(before, after);
                break;
            case "unlink" when result == 0 && PathsOf(call) is [string gone]:
                _ = _present.Remove(gone);
                _ = _files.Remove(gone);
                _ = _names.RemoveAll(name => name.Of == gone);
                break;
        }
    }

    // Over a file that was there it stays as it is: what was under the name is gone for us. The simulation has a disk that gives it back.
    private void Rename(string before, string after)
    {
        _ = _present.Remove(before);
        if (_present.Add(after))
            _names.Add(new Name(after, before));
        if (_files.Remove(before, out List<Write>? writes))
            _files[after] = writes;
        else
            _ = _files.Remove(after);
    }

    private List<Write> WritesOf(string file)
    {
        if (!_files.TryGetValue(file, out List<Write>? writes))
            _files[file] = writes = [];
        return writes;
    }

    private string? FileOf(Call call) => Descriptor().Match(call.Arguments) is { Success: true } match && IsOurs(match.Groups["file"].Value) ? match.Groups["file"].Value : null;

    private List<string> PathsOf(Call call) => [.. Quoted().Matches(call.Arguments).Select(static match => match.Groups["path"].Value).Where(IsOurs)];

    private bool IsOurs(string path) => path.StartsWith(_folder, StringComparison.Ordinal);

    // As in: 4711 pwrite64(87</data/journal/00000000000000000001.segment>, "FRM1"..., 203, 64) = 203
    [GeneratedRegex("""^(?<thread>\d+) +(?<call>\w+)\((?<arguments>.*)\) += (?<result>-?\d+)""")]
    private static partial Regex Whole();

    [GeneratedRegex("""^(?<thread>\d+) +(?<call>\w+)\((?<arguments>.*) <unfinished \.\.\.>$""")]
    private static partial Regex Unfinished();

    [GeneratedRegex("""^(?<thread>\d+) +<\.\.\. \w+ resumed>(?<arguments>.*)\) += (?<result>-?\d+)""")]
    private static partial Regex Resumed();

    [GeneratedRegex("""^\d+<(?<file>[^>]+)>""")]
    private static partial Regex Descriptor();

    [GeneratedRegex("""(?<length>\d+), (?<offset>\d+)$""")]
    private static partial Regex WriteOf();

    [GeneratedRegex("""(?<offset>\d+)$""")]
    private static partial Regex OffsetOf();

    [GeneratedRegex("\"(?<path>[^\"]+)\"")]
    private static partial Regex Quoted();

    private sealed record Name(string Of, string? Before);

    private sealed class Write(long offset, long length)
    {
        public long Offset { get; } = offset;

        public long Length { get; } = length;

        public Fate Fate { get; set; }
    }

    private sealed class Call(string name, string arguments)
    {
        public string Name { get; } = name;

        public string Arguments { get; set; } = arguments;

        public IReadOnlyList<Write> Covers { get; set; } = [];

        public IReadOnlyList<Name> CoversNames { get; set; } = [];
    }
}
