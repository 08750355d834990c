using System.Globalization;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>
/// The seed that found a planted fault last, which is tried before the others: to search anew takes minutes for all of them. What the gateway or the world does otherwise
/// moves a fault to another seed, which is then searched for; <c>DEVICEMQTT_KNOWN_SEEDS=write</c> notes where it was found.
/// </summary>
internal static class KnownSeeds
{
    private const char Tab = '\t';
    private static readonly string File = FileBeside();
    private static readonly Lazy<SortedDictionary<string, int>> All = new(Read);
    private static readonly Lock Writing = new();

    /// <summary>Null where it is not known, as with a new fault.</summary>
    public static int? Of(string fault) => All.Value.TryGetValue(fault, out int seed) ? seed : null;

    /// <summary>Here it was found now.</summary>
    public static void Note(string fault, int seed)
    {
        if (Environment.GetEnvironmentVariable("DEVICEMQTT_KNOWN_SEEDS") != "write")
            return;
        lock (Writing)
        {
            All.Value[fault] = seed;
            System.IO.File.WriteAllLines(File, All.Value.Select(static known => $"{known.Value}{Tab}{known.Key}"));
        }
    }

    private static SortedDictionary<string, int> Read()
    {
        SortedDictionary<string, int> all = new(StringComparer.Ordinal);
        if (!System.IO.File.Exists(File))
            return all;
        foreach (string line in System.IO.File.ReadLines(File))
        {
            string[] parts = line.Split(Tab);
            all[parts[1]] = int.Parse(parts[0], CultureInfo.InvariantCulture);
        }

        return all;
    }

    private static string FileBeside([CallerFilePath] string here = "") => Path.ChangeExtension(here, ".txt");
}
