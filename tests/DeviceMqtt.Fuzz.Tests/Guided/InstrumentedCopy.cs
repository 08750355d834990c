using System.Diagnostics;
using SharpFuzz;

namespace DeviceMqtt.Fuzz.Tests.Guided;

/// <summary>This program again, in a folder of its own, with assemblies that note each branch they take.</summary>
internal static class InstrumentedCopy
{
    private static readonly string[] Assemblies = ["DeviceMqtt.Protocol", "DeviceMqtt.Wire", "DeviceMqtt.Broker", "DeviceMqtt.Journal", "DeviceMqtt.HomeAssistant", "DeviceMqtt.Gateway"];

    /// <summary>Runs it with the same words and <paramref name="mark"/>, until it ends.</summary>
    /// <returns>Its exit code.</returns>
    public static int Run(IEnumerable<string> words, string mark)
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-fuzz-").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            foreach (string assembly in Assemblies)
                _ = Fuzzer.Instrument(Path.Combine(folder, assembly + ".dll"), static _ => true, Options.Value).Count();
            ProcessStartInfo start = new("dotnet", [Path.Combine(folder, typeof(InstrumentedCopy).Assembly.GetName().Name + ".dll"), mark, .. words]);
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
