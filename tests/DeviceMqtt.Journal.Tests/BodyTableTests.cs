using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace DeviceMqtt.Journal.Tests;

/// <summary>The table of live Bodies against a dictionary.</summary>
[TestClass]
public sealed class BodyTableTests
{
    private sealed class Place : IBodyPlace
    {
        public int PlaceNumber { get; set; }
    }

    [TestMethod]
    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    public void BodyTable_ChangedAtRandom_SameAsADictionary()
    {
        Random random = new(20261128);
        BodyTable table = new();
        Place[] places = [.. Enumerable.Range(0, 40).Select(static _ => new Place())];
        Dictionary<long, (Place Place, int Offset, int Holders)> expected = [];
        long last = 0;
        for (int step = 0; step < 50_000; step++)
        {
            // Mostly a new one, behind all others; now and then one that lies elsewhere from now on, and all the time some that go.
            long position = random.Next(10) < 7 ? last += random.Next(1, 4) : random.NextInt64(0, last + 1);
            Place place = places[Math.Min(places.Length - 1, random.Next(5) + (step / 1_000))];
            if (random.Next(100) < 55)
            {
                expected[position] = (place, step, step % 7);
                table.Set(position, place, step, length: step + 1, crc: (uint)step + 2, holders: step % 7);
            }
            else
            {
                long gone = expected.Count == 0 || random.Next(3) == 0 ? position : random.NextInt64(0, last + 1);
                Assert.AreEqual(expected.Remove(gone), table.Remove(gone), $"{gone}");
            }

            if (expected.TryGetValue(position, out var moved) && random.Next(4) == 0)
            {
                table.Move(ref table.Find(position), place, by: 3);
                expected[position] = moved with { Place = place, Offset = moved.Offset + 3 };
            }

            AssertSame(expected, table, position);
            AssertSame(expected, table, random.NextInt64(0, last + 1));
        }

        CollectionAssert.AreEquivalent(expected.Keys.ToArray(), table.Positions.ToArray());
        Assert.IsTrue(places.All(place => place.PlaceNumber != 0 == expected.Values.Any(body => body.Place == place)));
        foreach (long position in table.Positions)
            Assert.IsTrue(table.Remove(position));
        Assert.IsEmpty(table.Positions);
        Assert.IsTrue(Unsafe.IsNullRef(ref table.Find(1)));
        Assert.IsTrue(places.All(static place => place.PlaceNumber == 0), "what nothing lies in is not held on to");
    }

    private static void AssertSame(Dictionary<long, (Place Place, int Offset, int Holders)> expected, BodyTable table, long position)
    {
        ref BodyLocation body = ref table.Find(position);
        bool isExpected = expected.TryGetValue(position, out var known);
        Assert.AreEqual(isExpected, !Unsafe.IsNullRef(ref body), $"{position}");
        if (isExpected)
            Assert.AreEqual((known.Place, known.Offset, known.Holders), (table.PlaceOf(body), body.Offset, body.Holders), $"{position}");
    }
}
