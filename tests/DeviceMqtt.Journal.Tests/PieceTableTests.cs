using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Journal.Tests;

/// <summary>The table that grows and shrinks bucket by bucket, against a dictionary.</summary>
[TestClass]
public sealed class PieceTableTests
{
    private const int Many = 40_000;

    [TestMethod]
    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    public void PieceTable_GrowsAndShrinks_SameAsADictionary()
    {
        Random random = new(20261130);
        PieceTable table = new();
        Dictionary<long, int> expected = [];
        for (int round = 0; round < 2; round++)
        {
            for (long number = 0; expected.Count < Many; number += random.Next(1, 4))
                expected[number] = table.Find(number) is > 0 and var place ? place : table.Add(new BodyPiece { Number = number });
            Assert.IsInRange(Many, 2 * Many, table.Buckets);
            AssertSame(expected, table);
            foreach (long number in expected.Keys.Where(_ => random.Next(100) != 0).ToArray())
            {
                table.Remove(expected[number]);
                _ = expected.Remove(number);
            }

            AssertSame(expected, table);
            Assert.IsInRange(PieceTable.BucketsMin, Math.Max(PieceTable.BucketsMin, 4 * (expected.Count + 1)), table.Buckets, "it has not given back its room");
        }
    }

    [TestMethod]
    public void PieceTable_PiecesGoWhileItIsWalkedThrough_AllOthersAreGivenOnce()
    {
        PieceTable table = new();
        for (long number = 0; number < Many; number++)
            _ = table.Add(new BodyPiece { Number = number });
        List<long> given = [];
        foreach (int place in table.All)
        {
            long number = table[place].Number;
            given.Add(number);
            if (number % 8 != 0)
                table.Remove(place);
        }

        CollectionAssert.AreEquivalent(Enumerable.Range(0, Many).Select(static n => (long)n).ToArray(), given);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, Many / 8).Select(static n => 8L * n).ToArray(), table.All.Select(place => table[place].Number).ToArray());
    }

    private static void AssertSame(Dictionary<long, int> expected, PieceTable table)
    {
        CollectionAssert.AreEquivalent(expected.Keys.ToArray(), table.All.Select(place => table[place].Number).ToArray());
        for (long number = 0; number < 4 * Many; number++)
            Assert.AreEqual(expected.GetValueOrDefault(number), table.Find(number), $"{number}");
    }
}
