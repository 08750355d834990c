using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Gateway.Tests;

/// <summary>
/// Tests with chance in them. Each prints its seed; <c>DEVICEMQTT_SEED=n</c> gives one back. A failure is cut down to the
/// few steps that still show it.
/// </summary>
internal static class Property
{
    /// <summary>Runs steps drawn at random, as many as <paramref name="stepsMax"/>, in as many cases as asked for.</summary>
    public static void CheckSteps<T>(Gen<T> step, int stepsMax, int cases, Action<List<T>> run)
    {
        Gen<List<T>> steps = from count in Gen.Choose(1, stepsMax)
                             from all in step.ListOf(count)
                             select new List<T>(all);
        ulong seed = TakeSeed();
        Config config = Config.QuickThrowOnFailure
            .WithQuietOnSuccess(true)
            .WithMaxTest(cases)
            .WithReplay(new Replay(new Rnd(seed), null));
        try
        {
            Check.One(config, Prop.ForAll(Arb.From(steps, Shorter), run));
        }
        catch (Exception exception)
        {
            Assert.Fail($"DEVICEMQTT_SEED={seed}: {exception.Message}");
        }
    }

    public static ulong TakeSeed()
    {
        ulong seed = Environment.GetEnvironmentVariable("DEVICEMQTT_SEED") is { Length: > 0 } given
            ? ulong.Parse(given, CultureInfo.InvariantCulture)
            : (ulong)Random.Shared.NextInt64(1, 1L << 32);
        Console.WriteLine($"DEVICEMQTT_SEED={seed}");
        return seed;
    }

    /// <summary>The same steps without a half, a quarter, ... a single one.</summary>
    private static IEnumerable<List<T>> Shorter<T>(List<T> steps)
    {
        for (int length = steps.Count / 2; length > 0; length /= 2)
            for (int start = 0; start + length <= steps.Count; start += length)
                yield return [.. steps.Take(start), .. steps.Skip(start + length)];
    }
}
