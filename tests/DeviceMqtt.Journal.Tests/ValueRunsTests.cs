using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Journal.Tests;

/// <summary>Runs of values: each is one's own as long as one has it, and what nobody has any more goes.</summary>
[TestClass]
public sealed class ValueRunsTests
{
    private const int Length = 3;

    [TestMethod]
    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    public void ValueRuns_TakenAndGivenAtRandom_EachKeepsItsOwn()
    {
        Random random = new(20261201);
        ValueRuns<long> runs = new(Length);
        Dictionary<int, long> expected = [];
        int mostChunks = 0;
        // Up and down and up again: how many are in use at each time.
        foreach (int wanted in (int[])[20_000, 1_000, 25_000, 3, 10_000, 0])
        {
            for (int step = 0; step < 200_000 && expected.Count != wanted; step++)
            {
                if (random.Next(10) < (expected.Count < wanted ? 7 : 3))
                {
                    int run = runs.Take();
                    Assert.IsTrue(expected.TryAdd(run, step), "it has an owner");
                    runs[run].Fill(step);
                }
                else if (expected.Count > 0)
                {
                    int run = expected.ElementAt(expected.Count < 100 ? random.Next(expected.Count) : random.Next(100)).Key;
                    Assert.IsTrue(runs[run].SequenceEqual([expected[run], expected[run], expected[run]]));
                    Assert.AreEqual(expected[run], runs.First(run));
                    _ = expected.Remove(run);
                    runs.Give(run);
                }
            }

            foreach ((int run, long value) in expected)
                Assert.IsTrue(runs[run].SequenceEqual([value, value, value]));
            mostChunks = Math.Max(mostChunks, runs.Chunks);
        }

        Assert.IsEmpty(expected);
        Assert.IsGreaterThan(300, mostChunks);
        Assert.AreEqual(1, runs.Chunks, "one is kept for the next run, the others go");
    }

    [TestMethod]
    public void ValueRuns_OneComesAndGoes_AlwaysInTheSameArray()
    {
        ValueRuns<long> runs = new(Length);
        int first = runs.Take();
        runs.Give(first);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.AreEqual(first, runs.Take());
            runs.Give(first);
        }

        Assert.AreEqual(1, runs.Chunks);
    }
}
