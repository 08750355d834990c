using DeviceMqtt.Broker.Sessions;

namespace DeviceMqtt.Broker.Tests.Sessions;

/// <summary>The set of open Packet Identifiers, against the one of the library.</summary>
[TestClass]
internal sealed class PacketIdSetTests
{
    [TestMethod]
    public void AddAndRemove_AtRandom_LikeAHashSet()
    {
        Random random = new(12);
        HashSet<ushort> expected = [];
        PacketIdSet actual = new();
        for (int i = 0; i < 20_000; i++)
        {
            ushort packetId = (ushort)random.Next(0, 65_536);
            if (random.Next(3) == 0)
                packetId %= 100;
            Assert.AreEqual(expected.Contains(packetId), actual.Contains(packetId));
            if (random.Next(2) == 0)
                Assert.AreEqual(expected.Add(packetId), actual.Add(packetId));
            else
                Assert.AreEqual(expected.Remove(packetId), actual.Remove(packetId));
        }

        Assert.HasCount(expected.Count, actual);
        CollectionAssert.AreEqual(expected.Order().ToArray(), actual.ToArray());
    }

    [TestMethod]
    public void Add_All_AllAreIn()
    {
        PacketIdSet all = new();
        for (int id = 1; id <= ushort.MaxValue; id++)
            Assert.IsTrue(all.Add((ushort)id));
        Assert.HasCount(ushort.MaxValue, all);
        CollectionAssert.AreEqual(Enumerable.Range(1, ushort.MaxValue).Select(i => (ushort)i).ToArray(), all.ToArray());
    }
}
