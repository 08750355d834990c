using System.Runtime.InteropServices;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>Positions of a journal: a bit for each, as many of them lie close together.</summary>
internal sealed class PositionSet
{
    private const int WordBits = 6;
    private readonly Dictionary<long, ulong> _words = [];

    /// <returns>False when it was there.</returns>
    public bool Add(long position)
    {
        ref ulong word = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, position >> WordBits, out _);
        ulong bit = 1UL << (int)position;
        bool isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    public bool Contains(long position) => (_words.GetValueOrDefault(position >> WordBits) & (1UL << (int)position)) != 0;
}
