using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.Clients;

namespace DeviceMqtt.Simulation.World;

/// <summary>
/// Bounds so small that they are reached all the time, as a seed says: each is small in most runs, and roomy in the others, so that not all the same comes to grief each time.
/// </summary>
internal sealed class SmallBounds
{
    private const long RoomyJournalBytes = 48L * 1024 * 1024;
    private const long SmallJournalBytes = 32L * 1024 * 1024; // the smallest that may be set
    private const int TightSegmentBytes = 64 * 1024;
    private const int TightBytes = 200_000;
    private const int UpstreamsMax = 3;
    private const int DevicesMax = 5; // that others command
    private const int SmallPercent = 65;
    private readonly Random _random;
    private readonly int? _seed;

    public SmallBounds(int seed)
    {
        _seed = seed;
        _random = new Random(seed * 31);
        Limits.WaitingMemoryBytesMax = _random.Next(2) * 20_000;
        Limits.QueueMessagesMax = Small(Limits.QueueMessagesMax, 3 + _random.Next(20));
        Limits.QueueBytesMax = Small(Limits.QueueBytesMax, 5_000 + _random.Next(100_000));
        Limits.QueueBytesTotalMax = Small((int)Limits.QueueBytesTotalMax, 30_000 + _random.Next(300_000));
        Limits.MailboxMessagesMax = Small(Limits.MailboxMessagesMax, 1 + _random.Next(5));
        Limits.RetainedMessagesMax = Small(Limits.RetainedMessagesMax, 40 + _random.Next(100));
        Limits.InflightMax = Small(Limits.InflightMax, 1 + _random.Next(3));
        Limits.InflightBytesMax = Small(Limits.InflightBytesMax, 1 + _random.Next(30_000));
        Limits.ReceiveMaximum = Small(Limits.ReceiveMaximum, 1 + _random.Next(3));
        Limits.RelayMessagesMax = Small(Limits.RelayMessagesMax, 5 + _random.Next(40));
        Limits.RelayInflightMax = Small(Limits.RelayInflightMax, 1 + _random.Next(3));
        Limits.RelayWaitingMax = Small(Limits.RelayWaitingMax, 1 + _random.Next(10));
        Limits.JournalBytesMax = _random.Next(2) == 0 ? SmallJournalBytes : RoomyJournalBytes;
        if (_random.Next(2) == 0)
            BeTight();
    }

    /// <summary>The roomy ones.</summary>
    public static SmallBounds None { get; } = new();

    private SmallBounds() => _random = new Random(0);

    public GatewayLimits Limits { get; } = Roomy();

    /// <summary>Of the journal's files.</summary>
    public JournalOptions Shape { get; private set; } = new();

    /// <summary>The journal becomes full.</summary>
    public bool IsTight { get; private set; }

    /// <summary>A client that takes one to three messages at once, and time for its answers.</summary>
    public ClientKind Narrow(ClientKind kind) => kind with
    {
        ReceiveMaximum = (ushort)(1 + _random.Next(3)),
        InflightMax = Limits.InflightMax,
        AnswerMs = _random.Next(3) == 0 ? 0 : 1 + _random.Next(300),
    };

    /// <summary>For a gateway, which may be a wrong one and change them.</summary>
    public GatewayLimits Copy() => _seed is { } seed ? new SmallBounds(seed).Limits : Roomy();

    private static GatewayLimits Roomy() => new() { JournalBytesMax = RoomyJournalBytes, JournalFreeBytesMin = 0 };

    // A journal that becomes full. It has room for what stays, and in half of the runs not for all that may wait: else nobody would ever come to rest.
    private void BeTight()
    {
        IsTight = true;
        Shape = new JournalOptions { SegmentBytes = TightSegmentBytes, ReserveBytes = TightSegmentBytes, FrameBytesMax = TightSegmentBytes / 2 };
        Limits.QueueBytesTotalMax = Math.Min(Limits.QueueBytesTotalMax, TightBytes);
        Limits.RetainedBytesMax = TightBytes;
        Limits.MailboxBytesMax = Limits.RelayBytesMax = TightBytes / 4;
        Limits.RelayAsideBytesMax = 2 * TightBytes; // nobody would set the relay going again
        long waits = Limits.QueueBytesTotalMax + (UpstreamsMax * (long)Limits.RelayBytesMax);
        long stays = Limits.RetainedBytesMax + (UpstreamsMax * (long)Limits.RelayAsideBytesMax) + (DevicesMax * (long)Limits.MailboxBytesMax);
        long promised = stays + (_random.Next(2) == 0 ? waits : waits / 4);
        Limits.JournalBytesMax = 8 * TightSegmentBytes;
        while (JournalOptions.LiveBytesWithin(Limits.JournalBytesMax, TightSegmentBytes) * Limits.JournalPromisedPercentMax / 100 < promised)
            Limits.JournalBytesMax += TightSegmentBytes;
    }

    private int Small(int roomy, int small) => _random.Next(100) < SmallPercent ? small : roomy;
}
