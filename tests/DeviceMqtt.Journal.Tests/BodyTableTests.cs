using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Journal.Tests;

/// <summary>The table of live Bodies against a dictionary.</summary>
[TestClass]
public sealed class BodyTableTests
{
    [TestMethod]
    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    public void BodyTable_ChangedAtRandom_SameAsADictionary()
    {
        Random random = new(20261128);
        BodyTable table = new();
        Dictionary<long, BodyLocation> expected = [];
        long last = 0;
        for (int step = 0; step < 50_000; step++)
        {
            // Mostly a new one, behind all others; now and then one that is moved, and all the time some that go.
            long position = random.Next(10) < 7 ? last += random.Next(1, 4) : random.NextInt64(0, last + 1);
            if (random.Next(100) < 55)
            {
                BodyLocation body = new(new object(), step, 1);
                table[position] = expected[position] = body;
            }
            else
            {
                long gone = expected.Count == 0 || random.Next(3) == 0 ? position : random.NextInt64(0, last + 1);
                Assert.AreEqual(expected.Remove(gone), table.Remove(gone), $"{gone}");
            }

            Assert.AreEqual(expected.TryGetValue(position, out BodyLocation? body1), table.TryGetValue(position, out BodyLocation? body2), $"{position}");
            Assert.AreSame(body1, body2);
        }

        CollectionAssert.AreEquivalent(expected.Keys.ToArray(), table.Positions);
        foreach (long position in table.Positions)
            Assert.IsTrue(table.Remove(position));
        Assert.IsEmpty(table.Positions);
        Assert.ThrowsExactly<KeyNotFoundException>(() => table[1]);
    }
}
