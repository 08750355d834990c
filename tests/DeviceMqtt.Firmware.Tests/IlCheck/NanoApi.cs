namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>
/// The public members of nanoFramework's class libraries, read from the lists (one line a member, in the notation of documentation ids; the
/// return type stands behind ~).
/// </summary>
internal sealed class NanoApi
{
    /// <summary>Names the folder of the lists when it is not <c>../shared/nano-api</c> beside the repository.</summary>
    internal const string FolderVariable = "DEVICEMQTT_NANO_API";

    /// <summary>What the device projects use of the lists; it is in the repository.</summary>
    internal static readonly string ExtractPath = Path.Combine(RepositoryRoot.Path, "tests", "DeviceMqtt.Firmware.Tests", "IlCheck", "nano-members.txt");

    // What the device's logic and the wire formats may use. Everything else in the folder belongs to adapters.
    private static readonly string[] Lists =
    [
        "mscorlib.txt",
        "nanoFramework.System.Text.txt",
        "nanoFramework.System.Collections.txt",
        "System.Threading.txt",
        "System.Math.txt",
        "nanoFramework.M2Mqtt.Core.txt",
        "nanoFramework.M2Mqtt.txt",
    ];

    // The same source means another overload on the board, which its compiler finds by itself. Each of these was looked up in the lists.
    private static readonly Dictionary<string, string> SameSource = new(StringComparer.Ordinal)
    {
        // lock: the compiler uses Enter(object) where Enter(object, ref bool) is missing.
        ["M:System.Threading.Monitor.Enter(System.Object,System.Boolean@)~System.Void"] = "M:System.Threading.Monitor.Enter(System.Object)~System.Void",
        ["M:System.String.Format(System.String,System.Object)~System.String"] = "M:System.String.Format(System.String,System.Object[])~System.String",
        ["M:System.String.Format(System.String,System.Object,System.Object)~System.String"] = "M:System.String.Format(System.String,System.Object[])~System.String",
        ["M:System.String.Format(System.String,System.Object,System.Object,System.Object)~System.String"] = "M:System.String.Format(System.String,System.Object[])~System.String",
    };

    private readonly HashSet<string> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _lists = new(StringComparer.Ordinal);

    // What the adapters may use on top: one list a package.
    private static readonly string[] AdapterLists =
    [
        "System.IO.Streams.txt",
        "System.IO.FileSystem.txt",
        "System.Net.txt",
        "System.Device.Gpio.txt",
        "System.Device.I2c.txt",
        "System.Device.Adc.txt",
        "System.Device.Wifi.txt",
        "nanoFramework.Device.OneWire.txt",
        "nanoFramework.Hardware.Esp32.txt",
        "nanoFramework.Hardware.Esp32.Rmt.txt",
        "nanoFramework.Networking.Sntp.txt",
        "nanoFramework.Runtime.Native.txt",
        "nanoFramework.Runtime.Events.txt",
        "nanoFramework.TestFramework.txt",
    ];

    private readonly Dictionary<string, string> _lines = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal);

    internal NanoApi(string folder, bool forAdapters = false)
    {
        foreach (string list in forAdapters ? [.. Lists, .. AdapterLists] : Lists)
        {
            Load(list[..^".txt".Length], File.ReadLines(Path.Combine(folder, list)));
        }
    }

    private NanoApi(IEnumerable<string> extract)
    {
        string list = string.Empty;
        foreach (string line in extract)
        {
            list = line.StartsWith('#') ? line[1..].Trim() : list;
            Load(list, line.StartsWith('#') ? [] : [line]);
        }
    }

    /// <summary>Every line, behind the name of its list and a tab.</summary>
    internal IReadOnlyCollection<string> Lines => _lines.Values;

    /// <summary>The lines that were looked up and found, each behind the name of its list and a tab.</summary>
    internal IReadOnlyCollection<string> Used => _used;

    internal int TypeCount => _types.Count;

    internal int MemberCount => _members.Count;

    internal IEnumerable<string> Members => _members;

    /// <summary>The list a type is in, without its ending: the assembly's name.</summary>
    internal string ListOf(string type) => _lists[type];

    /// <summary>What an extract has: lines of the lists, below the name of each list behind #.</summary>
    internal static NanoApi FromExtract(string path) => new(File.ReadLines(path));

    private void Load(string list, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string[] parts = line.Split("  //", 2, StringSplitOptions.TrimEntries);
            if (parts[0].StartsWith("T:", StringComparison.Ordinal))
            {
                _types[parts[0][2..]] = parts.Length > 1 ? parts[1] : string.Empty;
                _lists[parts[0][2..]] = list;
            }
            else if (parts[0].Length > 0)
            {
                _members.Add(parts[0]);
            }

            _lines[parts[0]] = $"{list}\t{line}";
        }
    }

    /// <summary>The lists, or where there are none what the device projects use of them: what a rule finds without looking a member up is found with either.</summary>
    internal static NanoApi ListsOrExtract() => FindFolder() is { } folder ? new NanoApi(folder) : FromExtract(ExtractPath);

    /// <summary>The folder of the lists, or null where there is none.</summary>
    internal static string? FindFolder()
    {
        string? named = Environment.GetEnvironmentVariable(FolderVariable);
        if (!string.IsNullOrEmpty(named))
        {
            // Named and missing is an error, not a reason to skip.
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"{FolderVariable}={named}");
        }

        string beside = Path.GetFullPath(Path.Combine(RepositoryRoot.Path, "..", "shared", "nano-api"));
        return Directory.Exists(beside) ? beside : null;
    }

    /// <summary>True if the lists have exactly this type or member.</summary>
    internal bool Has(string id) => id.StartsWith("T:", StringComparison.Ordinal) ? HasType(id[2..]) : _members.Contains(id);

    internal bool HasType(string name)
    {
        for (string? at = name; at is not null && _lines.TryGetValue("T:" + at, out string? line); at = BaseOf(at))
        {
            _used.Add(line);
        }

        return _types.ContainsKey(name);
    }

    internal bool IsEnum(string name) => _types.TryGetValue(name, out string? kind) && kind.StartsWith("enum", StringComparison.Ordinal);

    /// <summary>True if the type or one it derives from has the member.</summary>
    /// <param name="kind">M or F.</param>
    /// <param name="type">Full name of the type.</param>
    /// <param name="rest">Name, parameters and type of the member.</param>
    internal bool HasMember(char kind, string type, string rest)
    {
        for (string? at = type; at is not null; at = BaseOf(at))
        {
            string id = $"{kind}:{at}.{rest}";
            string? found = _members.Contains(id) ? id : SameSource.TryGetValue(id, out string? same) && _members.Contains(same) ? same : null;
            if (found is not null)
            {
                _used.Add(_lines[found]);
                return true;
            }

            // A constructor is not inherited.
            if (rest.StartsWith("#ctor", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return false;
    }

    private string? BaseOf(string type)
    {
        if (!_types.TryGetValue(type, out string? kind))
        {
            return null;
        }

        int colon = kind.IndexOf(" : ", StringComparison.Ordinal);
        return colon >= 0 ? kind[(colon + 3)..] : null;
    }
}
