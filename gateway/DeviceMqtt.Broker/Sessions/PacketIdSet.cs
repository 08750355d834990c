using System.Collections;
using System.Numerics;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>
/// Packet Identifiers, one bit each, in pages that are there while one of theirs is in. All 65,535 of them take 9 KB, so a
/// client of 3.1.1, which cannot be told a Receive Maximum, may have all of them open.
/// </summary>
internal sealed class PacketIdSet : IReadOnlyCollection<ushort>
{
    private const int PageBits = 1024;
    private const int WordBits = 64;
    private ulong[]?[] _pages = [];
    private ulong[]? _spare; // the page of a client that has one open at a time is not made anew for each

    public int Count { get; private set; }

    /// <summary>Pages that are there, the spare one and the table of them included.</summary>
    public int Pages { get; private set; }

    public bool Contains(ushort packetId) =>
        packetId / PageBits < _pages.Length && _pages[packetId / PageBits] is { } page && (page[WordOf(packetId)] & BitOf(packetId)) != 0;

    /// <returns>False when it was in.</returns>
    public bool Add(ushort packetId)
    {
        if (Contains(packetId))
            return false;
        int index = packetId / PageBits;
        if (index >= _pages.Length)
            Array.Resize(ref _pages, index + 1);
        ulong[] page = _pages[index] ??= TakePage();
        page[WordOf(packetId)] |= BitOf(packetId);
        Count++;
        return true;
    }

    /// <returns>False when it was not in.</returns>
    public bool Remove(ushort packetId)
    {
        if (!Contains(packetId))
            return false;
        ulong[] page = _pages[packetId / PageBits]!;
        page[WordOf(packetId)] &= ~BitOf(packetId);
        Count--;
        if (!page.AsSpan().ContainsAnyExcept(0UL))
        {
            Pages -= _spare is null ? 0 : 1;
            (_spare, _pages[packetId / PageBits]) = (page, null);
        }

        return true;
    }

    public IEnumerator<ushort> GetEnumerator()
    {
        for (int index = 0; index < _pages.Length; index++)
            for (int word = 0; _pages[index] is { } page && word < page.Length; word++)
                for (ulong rest = page[word]; rest != 0; rest &= rest - 1)
                    yield return (ushort)((index * PageBits) + (word * WordBits) + BitOperations.TrailingZeroCount(rest));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int WordOf(ushort packetId) => packetId % PageBits / WordBits;

    private static ulong BitOf(ushort packetId) => 1UL << (packetId % WordBits);

    private ulong[] TakePage()
    {
        if (_spare is { } page)
        {
            _spare = null;
            return page;
        }

        Pages++;
        return new ulong[PageBits / WordBits];
    }
}
