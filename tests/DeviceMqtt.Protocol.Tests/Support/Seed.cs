using System.Globalization;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>
/// The seed of tests with chance in them. Printed in every run and in every failure; <c>DEVICEMQTT_SEED=n</c> gives one back, and
/// <c>DEVICEMQTT_FUZZ_CASES=n</c> sets how many cases each fuzz target runs (for a night of it).
/// </summary>
internal static class Seed
{
    /// <summary>Chosen so that all fuzz targets together take about a second.</summary>
    private const int FuzzCasesDefault = 8_000;

    public static int FuzzCases => ReadNumber("DEVICEMQTT_FUZZ_CASES") is { } cases ? (int)cases : FuzzCasesDefault;

    public static ulong Take(string name)
    {
        ulong seed = ReadNumber("DEVICEMQTT_SEED") ?? (ulong)Random.Shared.NextInt64(1, 1L << 32);
        Console.WriteLine($"{name}: {Describe(seed)}");
        return seed;
    }

    public static string Describe(ulong seed) => $"DEVICEMQTT_SEED={seed}";

    private static ulong? ReadNumber(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;
}
