using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>How long the relay waits between two tries.</summary>
[TestClass]
public sealed class BackoffTests
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    [TestMethod]
    public void Backoff_TryAfterTry_DoublesUpToItsBound()
    {
        double[] bounds = [0.5, 1, 2, 4, 8, 16, 30, 30, 30];
        for (int seed = 0; seed < 100; seed++)
        {
            Backoff backoff = new(Min, Max, new Random(seed));
            foreach (double bound in bounds)
            {
                double delay = backoff.Next().TotalSeconds;
                Assert.IsGreaterThanOrEqualTo(bound / 2, delay);
                Assert.IsLessThanOrEqualTo(bound, delay);
            }
        }
    }

    [TestMethod]
    public void Backoff_OfTwoGateways_IsNotTheSame()
    {
        double[] first = Delays(new Random(1));
        double[] second = Delays(new Random(2));

        CollectionAssert.AreNotEqual(first, second);

        static double[] Delays(Random random)
        {
            Backoff backoff = new(Min, Max, random);
            return [.. Enumerable.Range(0, 8).Select(_ => backoff.Next().TotalSeconds)];
        }
    }

    [TestMethod]
    public void Backoff_AfterReset_ShortAgain()
    {
        Backoff backoff = new(Min, Max, new Random(1));
        for (int i = 0; i < 10; i++)
            _ = backoff.Next();

        backoff.Reset();

        Assert.IsLessThanOrEqualTo(Min, backoff.Next());
        Assert.IsGreaterThanOrEqualTo(Min, backoff.Next());
    }

    [TestMethod]
    public void Backoff_MinIsMax_StaysThere()
    {
        Backoff backoff = new(Min, Min, new Random(1));
        for (int i = 0; i < 5; i++)
            Assert.IsLessThanOrEqualTo(Min, backoff.Next());
    }
}
