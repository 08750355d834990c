using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>Whose login, or handshake, is worked out next.</summary>
[TestClass]
internal sealed class AddressTurnsTests
{
    private const ulong Network = 1 << 8;
    private readonly AddressTurns<string> _queue = new();

    [TestMethod]
    public void Take_AddressesAndNetworks_TakeTurns()
    {
        // Two hundred addresses of one network, and one of another.
        for (ulong i = 0; i < 4; i++)
            Add(Network + i, rank: 1, $"a{i} first", $"a{i} second");
        Add(2 * Network, rank: 1, "b first", "b second", "b third");

        CollectionAssert.AreEqual(
            new[] { "a0 first", "b first", "a1 first", "b second", "a2 first", "b third", "a3 first", "a0 second", "a1 second", "a2 second", "a3 second" }, TakeAll());
    }

    [TestMethod]
    public void Take_BetterRank_GoesFirstWithAllThatItHas()
    {
        Add(1 * Network, rank: 1, "a1", "a2");
        Add(2 * Network, rank: 0, "b1", "b2");
        Add(3 * Network, rank: 5, "c");
        _queue.Rank(1 * Network, 6);
        _queue.Rank(3 * Network, 0);
        _queue.Rank(9 * Network, 0); // has none

        CollectionAssert.AreEqual(new[] { "b1", "c", "b2", "a1", "a2" }, TakeAll());
    }

    [TestMethod]
    public void Remove_OneThatWaits_IsGoneAndOthersAreNot()
    {
        Add(1 * Network, rank: 0, "a1", "a2");
        Add((1 * Network) + 1, rank: 0, "b");
        Assert.IsTrue(_queue.Remove(1 * Network, "a1"));
        Assert.IsFalse(_queue.Remove(1 * Network, "a1"));
        Assert.IsFalse(_queue.Remove(7 * Network, "a1"));
        Assert.IsTrue(_queue.Remove((1 * Network) + 1, "b"));

        CollectionAssert.AreEqual(new[] { "a2" }, TakeAll());
    }

    // What is left of an address that came and went would be memory that a stranger fills.
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void AnyOrder_NothingIsLostOrTakenTwice(int seed)
    {
        Random random = new(seed);
        HashSet<string> there = [];
        Dictionary<string, ulong> addressOf = [];
        for (int i = 0; i < 20_000; i++)
        {
            ulong address = ((ulong)random.Next(4) << 8) + (ulong)random.Next(4);
            switch (random.Next(5))
            {
                case 0 or 1:
                    addressOf[$"{i}"] = address;
                    Assert.IsTrue(there.Add($"{i}"));
                    _queue.Add(address, random.Next(3), $"{i}");
                    break;
                case 2 when there.Count > 0:
                    string removed = there.ElementAt(random.Next(there.Count));
                    Assert.IsTrue(_queue.Remove(addressOf[removed], removed));
                    _ = there.Remove(removed);
                    break;
                case 3:
                    _queue.Rank(address, random.Next(3));
                    break;
                default:
                    Assert.AreEqual(there.Count > 0, _queue.TryTake(out string? taken));
                    Assert.IsTrue(taken is null || there.Remove(taken));
                    break;
            }
        }

        Assert.HasCount(there.Count, TakeAll());
    }

    private void Add(ulong address, int rank, params string[] jobs)
    {
        foreach (string job in jobs)
            _queue.Add(address, rank, job);
    }

    private string[] TakeAll()
    {
        List<string> all = [];
        while (_queue.TryTake(out string? job))
            all.Add(job);
        return [.. all];
    }
}
