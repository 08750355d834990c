using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// What queues with mailboxes, retained messages, the backlogs of upstreams and what is set aside for them may hold together has to fit the journal: what is promised
/// there must not be found wanting on the disk.
/// </summary>
internal static class JournalShares
{
    private sealed record Share(string Name, long Bytes, int Count, long Default, Action<long> Set)
    {
        public long Whole => Bytes * Count;

        // One with the value of its default was not chosen: it may be lowered.
        public bool IsChosen => Bytes != Default;

        public string Words => Count == 1 ? $"Limits:{Name} of {Bytes}" : $"Limits:{Name} of {Bytes} for each of {Count} upstreams";
    }

    // Of a journal that is not small.
    private const int AttainablePercent = 75;

    // What a small one has less.
    private const long ForASmallOne = 16 * 1024 * 1024;

    /// <summary>Lowers the bounds that have their defaults, in proportion, to what <see cref="GatewayLimits.JournalBytesMax"/> leaves for them.</summary>
    /// <param name="limits">Changed where they promise more.</param>
    /// <param name="upstreams">How many there are: each has a backlog of its own.</param>
    /// <returns>A sentence that says what was lowered; null when all fits.</returns>
    /// <exception cref="SettingException">Those that were chosen do not fit.</exception>
    public static string? Fit(GatewayLimits limits, int upstreams)
    {
        GatewayLimits defaults = new();
        Share[] shares =
        [
            new(nameof(GatewayLimits.QueueBytesTotalMax), limits.QueueBytesTotalMax, 1, defaults.QueueBytesTotalMax, bytes => limits.QueueBytesTotalMax = bytes),
            new(nameof(GatewayLimits.RetainedBytesMax), limits.RetainedBytesMax, 1, defaults.RetainedBytesMax, bytes => limits.RetainedBytesMax = bytes),
            new(nameof(GatewayLimits.RelayBytesMax), limits.RelayBytesMax, upstreams, defaults.RelayBytesMax, bytes => limits.RelayBytesMax = (int)bytes),
            new(nameof(GatewayLimits.RelayAsideBytesMax), limits.RelayAsideBytesMax, upstreams, defaults.RelayAsideBytesMax, bytes => limits.RelayAsideBytesMax = (int)bytes),
        ];
        // A small journal cannot hold three quarters of its bytes: the percentage is one of what it can.
        long room = JournalOptions.LiveBytesWithin(limits.JournalBytesMax, new JournalOptions().SegmentBytes) / AttainablePercent * limits.JournalPromisedPercentMax;
        long promised = 0;
        foreach (Share share in shares)
            promised += share.Whole;
        if (promised <= room)
            return null;

        long chosen = shares.Where(static share => share.IsChosen).Sum(static share => share.Whole);
        Share[] free = [.. shares.Where(static share => !share.IsChosen && share.Count > 0)];
        // With nothing left for the others they would be no bounds.
        if (chosen >= room)
        {
            Share largest = shares.Where(static share => share.IsChosen).MaxBy(static share => share.Whole)!;
            long enough = (chosen / limits.JournalPromisedPercentMax * 100) + free.Sum(static share => share.Whole) + ForASmallOne;
            throw new SettingException($"{largest.Words} does not fit Limits:JournalBytesMax of {limits.JournalBytesMax}, of which {limits.JournalPromisedPercentMax} % may be promised ({room} bytes): lower it, or set Limits:JournalBytesMax to {enough}");
        }

        double part = (double)(room - chosen) / free.Sum(static share => share.Whole);
        List<string> said = [];
        foreach (Share share in free)
        {
            long bytes = Math.Max(1, (long)(share.Bytes * part));
            share.Set(bytes);
            said.Add($"Limits:{share.Name} is {bytes} instead of {share.Bytes}");
        }

        // One client may not have more than all.
        if (limits.QueueBytesMax == defaults.QueueBytesMax)
            limits.QueueBytesMax = (int)Math.Min(limits.QueueBytesMax, Math.Max(1, limits.QueueBytesTotalMax / 2));
        return $"Limits:JournalBytesMax is {limits.JournalBytesMax}, of which {limits.JournalPromisedPercentMax} % may be promised: {string.Join(", ", said)}";
    }
}
