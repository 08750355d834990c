using System.Diagnostics.CodeAnalysis;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Presence;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>What is known of one device: from its topics, since the gateway started, and from its birth, which is retained. Owned by the turn.</summary>
internal sealed class DeviceEntry(string prefix, string name)
{
    /// <summary>Streams that are kept of one device (as <see cref="Wire.BirthReader.StreamsMax"/>).</summary>
    public const int StreamsMax = 16;

    /// <summary>Events that are kept of one device.</summary>
    public const int EventsMax = 50;

    /// <summary>Starts whose times are kept.</summary>
    public const int StartsMax = 16;

    /// <summary>Bytes of the times of its starts.</summary>
    public const int StartsBytes = 24 + (StartsMax * sizeof(long));

    // Measured: the object with its lists and its places in the book (416), and a Client Identifier.
    private const int ObjectBytes = 504;
    private const long HourMs = 3_600_000;

    private readonly Queue<DeviceEvent> _events = new();

    // Monotonic milliseconds, those of brown-outs below zero; 0 for none. Made with the first.
    private long[]? _starts;

    // Readings of this hour and of the one before, and those that came a second time.
    private (long BeganMs, int Received, int Repeated, int ReceivedBefore, int RepeatedBefore) _hour;

    /// <summary>Bytes that a device takes, without what it has told.</summary>
    /// <param name="name">Of the device.</param>
    public static long BytesOf(string name) => ObjectBytes + (name.Length * sizeof(char));

    /// <summary>What it takes of <see cref="ReadingsBudget"/>, without its series.</summary>
    public long Bytes { get; set; }

    public string Prefix => prefix;

    public string Name => name;

    /// <summary>Among those that were heard (<see cref="HeardOrder"/>); null before it is one of them.</summary>
    public LinkedListNode<DeviceEntry>? Place { get; set; }

    /// <summary>It was forgotten: whoever still has it looks it up again.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Its Client Identifier: from the birth; until one came, the client that published.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The birth message, shared with the retained messages; null while there is none.</summary>
    public Message? Birth { get; set; }

    public string Firmware { get; set; } = "";

    public string Board { get; set; } = "";

    public string ResetCause { get; set; } = "";

    public long? BootId { get; set; }

    /// <summary>When it booted, by the gateway's clock; 0 when the birth does not say.</summary>
    public long BootUnixMs { get; set; }

    /// <summary>When a board that sleeps is to be back; 0 when it does not sleep.</summary>
    public long SleepUntilUnixMs { get; set; }

    /// <summary>How long it was to sleep, in milliseconds; 0 where nobody knows.</summary>
    public long SleepMs { get; set; }

    /// <summary>After this it is overdue, by its birth alone; 0 when it does not sleep.</summary>
    public long OverdueUnixMs => SleepUntilUnixMs == 0 ? 0 : SleepUntilUnixMs + SleepPatience.Ms(SleepMs);

    public int FailedSensors { get; set; }

    /// <summary>How often it has started since the gateway did.</summary>
    public int Starts { get; private set; }

    /// <summary>Where it stands among what pages were told, from 1 on; 0 while they were told nothing of it.</summary>
    public int ToldAt { get; set; }

    /// <summary>When it last said anything on its topics; 0 before it did.</summary>
    public long HeardUnixMs { get; set; }

    /// <summary>The same in monotonic milliseconds: the clock on the wall may have been set since.</summary>
    public long HeardMs { get; set; } = long.MinValue / 2;

    /// <summary>Readings that came, and numbers that are missing between them.</summary>
    public long Received { get; private set; }

    public long Lost { get; set; }

    /// <summary>Readings that came a second time (QoS 1).</summary>
    public long Repeated { get; private set; }

    /// <summary>It stamps readings with a time before the gateway was written: its clock is not set.</summary>
    public bool HasClockWrong { get; set; }

    public List<StreamEntry> Streams { get; } = [];

    public IReadOnlyCollection<DeviceEvent> Events => _events;

    public StreamEntry? FindStream(string stream)
    {
        foreach (StreamEntry entry in Streams)
            if (entry.Name == stream)
                return entry;
        return null;
    }

    /// <summary>The times of its starts have their memory.</summary>
    public bool HasTimesOfStarts => _starts is not null;

    /// <summary>It has started.</summary>
    /// <param name="nowMs">Monotonic milliseconds, more than 0.</param>
    /// <param name="isBrownOut">Because its supply broke down.</param>
    public void Started(long nowMs, bool isBrownOut)
    {
        _starts ??= new long[StartsMax];
        _starts[Starts++ % StartsMax] = isBrownOut ? -nowMs : nowMs;
    }

    /// <summary>How often it has started since a monotonic moment, at most <see cref="StartsMax"/>, and how many of those were brown-outs.</summary>
    public (int Starts, int BrownOuts) StartsSince(long fromMs)
    {
        (int starts, int brownOuts) = (0, 0);
        foreach (long start in _starts ?? [])
        {
            if (start == 0 || Math.Abs(start) < fromMs)
                continue;
            starts++;
            brownOuts += start < 0 ? 1 : 0;
        }

        return (starts, brownOuts);
    }

    /// <summary>A reading came, perhaps for the second time.</summary>
    public void Count(bool isRepeated, long nowMs)
    {
        Received++;
        Repeated += isRepeated ? 1 : 0;
        if (nowMs - _hour.BeganMs >= HourMs)
            _hour = nowMs - _hour.BeganMs >= 2 * HourMs ? (nowMs, 0, 0, 0, 0) : (nowMs, 0, 0, _hour.Received, _hour.Repeated);
        _hour.Received++;
        _hour.Repeated += isRepeated ? 1 : 0;
    }

    /// <summary>Readings of one to two hours, and how many of them came a second time.</summary>
    public (long Received, long Repeated) ReadingsLately(long nowMs) => (nowMs - _hour.BeganMs) switch
    {
        >= 2 * HourMs => (0, 0),
        >= HourMs => (_hour.Received, _hour.Repeated),
        _ => (_hour.Received + _hour.ReceivedBefore, _hour.Repeated + _hour.RepeatedBefore),
    };

    public void Add(DeviceEvent deviceEvent) => _events.Enqueue(deviceEvent);

    /// <summary>Forgets its oldest event.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryForgetOldest([NotNullWhen(true)] out DeviceEvent? oldest) => _events.TryDequeue(out oldest);
}
