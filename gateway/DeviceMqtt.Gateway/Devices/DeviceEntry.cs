using System.Diagnostics.CodeAnalysis;
using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>What is known of one device: from its topics, since the gateway started, and from its birth, which is retained. Owned by the turn.</summary>
internal sealed class DeviceEntry(string prefix, string name)
{
    /// <summary>Streams that are kept of one device (as <see cref="Wire.BirthReader.StreamsMax"/>).</summary>
    public const int StreamsMax = 16;

    /// <summary>Events that are kept of one device.</summary>
    public const int EventsMax = 50;

    // Measured: the object with its lists and its place in the book (320), and a Client Identifier.
    private const int ObjectBytes = 400;

    private readonly Queue<DeviceEvent> _events = new();

    /// <summary>Bytes that a device takes, without what it has told.</summary>
    /// <param name="name">Of the device.</param>
    public static long BytesOf(string name) => ObjectBytes + (name.Length * sizeof(char));

    /// <summary>What it takes of <see cref="ReadingsBudget"/>, without its series.</summary>
    public long Bytes { get; set; }

    public string Prefix => prefix;

    public string Name => name;

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

    public int FailedSensors { get; set; }

    /// <summary>How often it has started since the gateway did.</summary>
    public int Starts { get; set; }

    /// <summary>How many of those were brown-outs.</summary>
    public int BrownOuts { get; set; }

    /// <summary>Where it stands among what pages were told, from 1 on; 0 while they were told nothing of it.</summary>
    public int ToldAt { get; set; }

    /// <summary>When it last said anything on its topics; 0 before it did.</summary>
    public long HeardUnixMs { get; set; }

    /// <summary>Readings that came, and numbers that are missing between them.</summary>
    public long Received { get; set; }

    public long Lost { get; set; }

    /// <summary>Readings that came a second time (QoS 1).</summary>
    public long Repeated { get; set; }

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

    public void Add(DeviceEvent deviceEvent) => _events.Enqueue(deviceEvent);

    /// <summary>Forgets its oldest event.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryForgetOldest([NotNullWhen(true)] out DeviceEvent? oldest) => _events.TryDequeue(out oldest);
}
