namespace DeviceMqtt.Fuzz.Tests.Guided;

/// <summary>Inputs of a target that each go a way of their own, kept from run to run.</summary>
/// <param name="file">One input a line, in hexadecimal; null for memory alone.</param>
internal sealed class Corpus(string? file)
{
    private const int InputsMax = 4_000;
    private const int InputBytesMax = 4_096;
    private const int KeptBytesMax = 512; // larger ones are for this run
    private readonly List<byte[]> _inputs = [];

    public IReadOnlyList<byte[]> Inputs => _inputs;

    /// <summary>The corpus of a target in a folder.</summary>
    public static Corpus In(string folder, string target) => new(Path.Combine(folder, target + ".txt"));

    public void Read(IEnumerable<byte[]> seeds)
    {
        _inputs.AddRange(seeds);
        if (File.Exists(file))
            _inputs.AddRange(File.ReadLines(file).Take(InputsMax).Select(Convert.FromHexString));
    }

    /// <summary>Keeps an input that has shown something new.</summary>
    public void Add(byte[] input)
    {
        if (_inputs.Count >= InputsMax || input.Length > InputBytesMax)
            return;
        _inputs.Add(input);
        if (file is null || input.Length > KeptBytesMax)
            return;
        _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.AppendAllLines(file, [Convert.ToHexString(input)]);
    }
}
