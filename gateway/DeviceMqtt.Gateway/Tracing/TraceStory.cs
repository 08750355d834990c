using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>All that is known of one message.</summary>
internal sealed class TraceStory(in TraceEvent accepted)
{
    /// <summary>Clients and upstreams whose steps are told one by one; of more only that there are more.</summary>
    public const int WaysMax = 50;

    private const int ObjectBytes = 320; // the objects of a story with its lists, counted by hand on 64-bit .NET 10

    public uint Number { get; } = accepted.Number;

    public long AcceptedMs { get; } = accepted.Ms;

    public string Topic { get; } = accepted.Topic ?? "";

    /// <summary>Client Identifier; empty for the gateway itself and for upstreams.</summary>
    public string Publisher { get; } = accepted.Name ?? "";

    public object? Remote { get; } = accepted.Detail;

    public Origin Origin { get; } = (Origin)accepted.Of;

    public QoS QoS { get; } = (QoS)(accepted.More & 3);

    public bool IsRetain { get; } = (accepted.More & TraceBook.RetainMark) != 0;

    public int PayloadBytes { get; } = accepted.Value;

    /// <summary>The id of the command, or of the command that it answers; null for other messages.</summary>
    public string? CommandId { get; set; }

    /// <summary>Its publisher was, or is to be, sent PUBACK or PUBREC.</summary>
    public bool IsAnswered { get; set; }

    public long AnsweredMs { get; set; }

    /// <summary>What that waits for in the journal; 0 for nothing, <see cref="long.MaxValue"/> for ever.</summary>
    public long AnsweredPosition { get; set; }

    public ReasonCode AnsweredCode { get; set; }

    /// <summary>Where it is in the journal; 0 for nowhere.</summary>
    public long Position { get; set; }

    /// <summary>When the disk had it, in monotonic milliseconds; -1 before.</summary>
    public long DurableMs { get; set; } = -1;

    public List<TraceWay> Ways { get; } = [];

    /// <summary>Nothing more is noted of it.</summary>
    public bool IsClosed { get; set; }

    /// <summary>There are more, of which nothing is noted.</summary>
    public bool HasMoreWays { get; set; }

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => ObjectBytes + (2L * Topic.Length) + Ways.Sum(static way => way.Bytes);
}
