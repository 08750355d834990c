using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Report;

/// <summary>The machine in one line.</summary>
internal static class Machine
{
    public static string Describe()
    {
        string? model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.OrdinalIgnoreCase));
        string processor = model is null ? RuntimeInformation.ProcessArchitecture.ToString() : model[(model.IndexOf(':') + 1)..].Trim();
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        string congestion = File.ReadAllText("/proc/sys/net/ipv4/tcp_congestion_control").Trim();
        return $"{processor}, {CountCores()} cores, Linux {kernel} (TCP congestion control: {congestion}), .NET {Environment.Version}";
    }

    // Environment.ProcessorCount tells the cores this process may use, which is one.
    private static int CountCores() =>
        File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && line.Length > 3 && char.IsAsciiDigit(line[3]));
}
