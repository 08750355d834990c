using System.Diagnostics;
using DeviceMqtt.Fuzz.Tests.Targets;
using DeviceMqtt.Protocol.Tests;

namespace DeviceMqtt.Fuzz.Tests.Guided;

/// <summary>Feeds a target with damaged input, and goes on from what went a way of its own.</summary>
internal sealed class FuzzLoop(FuzzTarget target, Corpus corpus, ulong seed)
{
    private static readonly TimeSpan InputTimeMax = TimeSpan.FromSeconds(5); // of reading 4 KB: then it grows faster than the input
    private readonly BranchMap _branches = new();
    private readonly Mutator _mutator = new(seed);

    /// <summary>Inputs that were read.</summary>
    public long Count { get; private set; }

    /// <summary>Branches that were seen.</summary>
    public int Branches => _branches.Count;

    /// <summary>Reads all that is in the corpus, and then what it becomes.</summary>
    /// <param name="isOver">Asked before each input.</param>
    /// <returns>The first input by which the target broke its contract; null when there was none.</returns>
    public FuzzFailure? Run(Func<bool> isOver)
    {
        foreach (byte[] input in corpus.Inputs.ToArray())
            if (Try(input) is { } failure)
                return failure;
        while (!isOver())
        {
            byte[] input = _mutator.Mutate(_mutator.Pick(corpus.Inputs), _mutator.Pick(corpus.Inputs));
            if (Try(input) is { } failure)
                return failure;
            if (_branches.TakeNew())
                corpus.Add(input);
        }

        return null;
    }

    private FuzzFailure? Try(byte[] input)
    {
        Count++;
        BranchMap.Begin();
        FuzzFailure? failure = TryRead(input, out TimeSpan took);
        // Once more: a machine that was busy elsewhere for so long is not so twice.
        if (failure is null && took > InputTimeMax)
            failure = TryRead(input, out took);
        return failure ?? (took > InputTimeMax ? new FuzzFailure(target, input, $"reading took {took}") : null);
    }

    private FuzzFailure? TryRead(byte[] input, out TimeSpan took)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            target.Read(input);
            return null;
        }
        catch (Exception exception)
        {
            return new FuzzFailure(target, input, exception.ToString());
        }
        finally
        {
            took = Stopwatch.GetElapsedTime(began);
        }
    }
}
