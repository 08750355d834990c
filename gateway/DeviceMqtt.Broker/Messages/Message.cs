using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Messages;

/// <summary>
/// An Application Message that somebody has to hold: a queue, an in-flight window, the retained messages, the relay.
/// One instance is shared by all that wait for it and never changes, but for what the custody notes on it.
/// </summary>
internal sealed class Message
{
    public required string Topic { get; init; }

    public required byte[] TopicUtf8 { get; init; }

    public required byte[] Payload { get; init; }

    /// <summary>5.0 properties that travel with the message, encoded, without a topic alias; empty for 3.x publishers.</summary>
    public byte[] Properties { get; init; } = [];

    public required QoS QoS { get; init; }

    public bool Retain { get; init; }

    /// <summary>A P2P message goes back to the mailbox when its connection ends before the acknowledgement.</summary>
    public bool IsP2P { get; init; }

    /// <summary>It is never written to the disk, whoever waits for it.</summary>
    public bool IsVolatile { get; init; }

    /// <summary>A figure of the gateway that is worked out anew after each start: as a retained message it is in memory alone.</summary>
    public bool IsMadeAnew { get; init; }

    /// <summary>Where it is retained the disk has nothing of it.</summary>
    public bool IsInMemoryAlone => IsVolatile || IsMadeAnew;

    public Origin Origin { get; init; }

    /// <summary>Monotonic milliseconds when the gateway accepted it.</summary>
    public long AcceptedMs { get; init; }

    /// <summary>What the clock on the wall showed when an earlier run of the gateway accepted it, in milliseconds since 1970; 0 for a message of this run.</summary>
    public long AcceptedUnixMs { get; init; }

    /// <summary>Monotonic milliseconds after which it must not be delivered; <see cref="long.MaxValue"/> for never.</summary>
    public long ExpiresMs { get; init; } = long.MaxValue;

    /// <summary>Its number for the one who follows messages (<see cref="Ports.IMessageTrace"/>); 0 where nobody does. It takes the four bytes that were left over.</summary>
    public uint TraceNumber { get; init; }

    /// <summary>What a limit in bytes counts: payload, properties and Topic Name, with a fixed share for the objects around them. The same while it is on the disk alone.</summary>
    public int Bytes => ContentBytes + TopicBytes + ObjectBytes;

    /// <summary>What it takes in memory: the same, unless it is on the disk alone.</summary>
    public int MemoryBytes => IsReference ? MemoryCost.ReferenceInFlight : Bytes;

    /// <summary>The same of a message that is none yet.</summary>
    public static int BytesOf(int contentBytes, int topicUtf8Bytes) => contentBytes + (topicUtf8Bytes * TopicCopies) + ObjectBytes;

    /// <summary>Of the Topic Name: its UTF-8, and twice as much for its characters.</summary>
    public int TopicBytes => IsReference ? _topicBytesOnDisk : TopicUtf8.Length * TopicCopies;

    /// <summary>Payload and properties, wherever they are.</summary>
    public int ContentBytes => Payload.Length + Properties.Length + _bytesOnDisk;

    // Measured on 64-bit .NET 10: message 104, two arrays' headers 48, queue slot 24.
    private const int ObjectBytes = 176;

    private const int TopicCopies = 3;
    private int _bytesOnDisk;
    private int _topicBytesOnDisk;

    /// <summary>The content is on the disk alone (<see cref="Ports.IWaitingList"/>): only what a queue has to know is here.</summary>
    public bool IsReference { get; private init; }

    /// <summary>What a queue has to know of a message that is on the disk.</summary>
    public Message ToReference() => Reference(Position, ContentBytes, TopicBytes, QoS, Retain, IsP2P, Origin, AcceptedMs, ExpiresMs);

    /// <inheritdoc cref="ToReference"/>
    public static Message Reference(long position, int contentBytes, int topicBytes, QoS qos, bool retain, bool isP2P, Origin origin, long acceptedMs, long expiresMs) => new()
    {
        IsReference = true,
        Topic = "",
        TopicUtf8 = [],
        Payload = [],
        _bytesOnDisk = contentBytes,
        _topicBytesOnDisk = topicBytes,
        QoS = qos,
        Retain = retain,
        IsP2P = isP2P,
        Origin = origin,
        AcceptedMs = acceptedMs,
        ExpiresMs = expiresMs,
        Position = position,
    };

    public bool IsExpired(long nowMs) => nowMs >= ExpiresMs;

    // ---- Only the custody writes these.

    /// <summary>The position of its record in the journal; 0 while it is in memory alone.</summary>
    public long Position { get; set; }

    /// <summary>Its number among all messages that were retained, in their order, over restarts; 0 for one that was not. Only the retained messages set it.</summary>
    public long RetainedNumber { get; set; }

    /// <summary>Whose share of the retained messages it takes. Only the retained messages set it.</summary>
    public Owner? RetainedBy { get; set; }

    /// <summary>The retained messages on disk are one of them.</summary>
    public bool IsRetainedOnDisk { get; set; }
}
