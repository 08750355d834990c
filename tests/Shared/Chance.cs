using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.TestSupport;

/// <summary>
/// Tests with chance in them. Each prints its seed; <c>DEVICEMQTT_SEED=n</c> gives one back, and
/// <c>DEVICEMQTT_CASES_TIMES=n</c> runs n times as many cases (for a night of it). A failure is cut down to the few steps
/// that still show it.
/// </summary>
internal static class Chance
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
            .WithMaxTest(cases * (int)(Given("DEVICEMQTT_CASES_TIMES") ?? 1))
            .WithReplay(new Replay(new Rnd(seed), null));
        try
        {
            Check.One(config, Prop.ForAll(Arb.From(steps, Shorter), (List<T> all) => Run(all, run)));
        }
        catch (Exception exception)
        {
            Assert.Fail($"DEVICEMQTT_SEED={seed}: {exception.Message}");
        }
    }

    // FsCheck shows the first few steps only.
    private static void Run<T>(List<T> steps, Action<List<T>> run)
    {
        try
        {
            run(steps);
        }
        catch (Exception exception)
        {
            throw new AssertFailedException($"{exception.Message} after: {string.Join("; ", steps)}", exception);
        }
    }

    public static ulong TakeSeed()
    {
        ulong seed = Given("DEVICEMQTT_SEED") ?? (ulong)Random.Shared.NextInt64(1, 1L << 32);
        Console.WriteLine($"DEVICEMQTT_SEED={seed}");
        return seed;
    }

    private static ulong? Given(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>The same steps without a half, a quarter, ... a single one.</summary>
    private static IEnumerable<List<T>> Shorter<T>(List<T> steps)
    {
        for (int length = steps.Count / 2; length > 0; length /= 2)
            for (int start = 0; start + length <= steps.Count; start += length)
                yield return [.. steps.Take(start), .. steps.Skip(start + length)];
    }
}
