using System.Numerics;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// How many topics are new in an hour, by their first two levels: a program that puts a number that changes into the topic. It is told of topics that it was told of before as well, and
/// of those of a gateway that has just started, whose topics are no news: it knows, in 256 bytes for each two levels and within some percent, how many different ones there ever were. Owned by the turn.
/// </summary>
/// <param name="beganMs">When the gateway started, in monotonic milliseconds. The topics of the first hour are those that there are.</param>
internal sealed class NewTopics(long beganMs)
{
    /// <summary>First two levels that are counted below. Chosen: more prefixes than a house has; 100 KB. Of more the one that was told of longest ago gives its place to the newest.</summary>
    public const int BelowMax = 256;

    private const int LevelCharactersMax = 256; // as names of devices
    private const long HourMs = 3_600_000;

    // Who has so few may be forgotten for another: all of them at once are no explosion. In changes of a register, which are counted and need no sum: some 700 different topics make so many.
    private const int FewChanges = 400;
    private readonly Dictionary<string, Counted> _below = new(StringComparer.Ordinal);
    private long _hourMs = beganMs;
    private long _told; // how many topics, which is the time here
    private bool _isFirstHour = true;

    // The registers of a HyperLogLog (P. Flajolet and others, 2007): of each part of the topics the longest run of zero bits in a hash.
    private sealed class Counted
    {
        private const int Bits = 8;
        private const int Count = 1 << Bits;
        private readonly byte[] _longest = new byte[Count];
        private int _changes;

        /// <summary>Different ones when this hour began.</summary>
        public int AtBegin { get; set; }

        /// <summary>New ones in the hour before.</summary>
        public int NewBefore { get; set; }

        /// <summary>It has few topics.</summary>
        public bool IsSmall => _changes < FewChanges;

        /// <summary>When it was told of last.</summary>
        public long Told { get; private set; }

        public void Add(string topic, long told)
        {
            Told = told;
            uint hash = (uint)topic.GetHashCode(StringComparison.Ordinal);
            ref byte longest = ref _longest[hash & (Count - 1)];
            byte length = (byte)(BitOperations.LeadingZeroCount(hash | (Count - 1)) + 1);
            if (length <= longest)
                return;
            longest = length;
            _changes++;
        }

        public int Different()
        {
            double sum = 0;
            int empty = 0;
            foreach (byte longest in _longest)
            {
                sum += Math.ScaleB(1, -longest);
                empty += longest == 0 ? 1 : 0;
            }

            double estimate = 0.7213 / (1 + (1.079 / Count)) * Count * Count / sum;
            return (int)(estimate <= 2.5 * Count && empty > 0 ? Count * Math.Log((double)Count / empty) : estimate);
        }
    }

    /// <summary>A topic that is perhaps new.</summary>
    public void Add(string topic, long nowMs)
    {
        GoOn(nowMs);
        int first = topic.IndexOf('/', StringComparison.Ordinal);
        int second = first < 0 ? -1 : topic.IndexOf('/', first + 1);
        ReadOnlySpan<char> below = topic.AsSpan(0, second < 0 ? Math.Max(0, first) : second);
        if (below.Length is 0 or > LevelCharactersMax)
            return;
        if (!_below.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(below, out Counted? counted))
        {
            if (_below.Count >= BelowMax && !TryMakeRoom())
                return;
            _below.Add(below.ToString(), counted = new Counted());
        }

        counted.Add(topic, ++_told);
    }

    // In a fleet each board has two levels of its own: they take turns, and a program that puts a number into the topic is told of often enough to stay.
    private bool TryMakeRoom()
    {
        string? oldest = null;
        long told = long.MaxValue;
        foreach ((string below, Counted counted) in _below)
            if (counted.IsSmall && counted.Told < told)
                (oldest, told) = (below, counted.Told);
        return oldest is not null && _below.Remove(oldest);
    }

    /// <summary>New topics of this hour, or of the one before if those were more.</summary>
    public IEnumerable<KeyValuePair<string, int>> Lately(long nowMs)
    {
        GoOn(nowMs);
        return _isFirstHour ? [] : _below.Select(static below => KeyValuePair.Create(below.Key, Math.Max(below.Value.NewBefore, below.Value.Different() - below.Value.AtBegin)));
    }

    private void GoOn(long nowMs)
    {
        if (nowMs - _hourMs < HourMs)
            return;
        bool isLongAgo = nowMs - _hourMs >= 2 * HourMs;
        foreach (Counted counted in _below.Values)
        {
            int different = counted.Different();
            counted.NewBefore = _isFirstHour || isLongAgo ? 0 : different - counted.AtBegin;
            counted.AtBegin = different;
        }

        (_hourMs, _isFirstHour) = (nowMs, false);
    }
}
