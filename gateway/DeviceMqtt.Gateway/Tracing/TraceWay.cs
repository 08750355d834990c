using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>The way of a message to one client or upstream.</summary>
internal sealed class TraceWay(TraceStory story, DropOwner owner)
{
    /// <summary>Steps that are told of one way; a message that is sent again and again has more.</summary>
    public const int StepsMax = 40;

    private const int ObjectBytes = 120; // counted by hand on 64-bit .NET 10
    private const int StepBytes = 80;

    public TraceStory Story => story;

    public DropOwner Owner => owner;

    public long Entry { get; set; }

    /// <summary>The Packet Identifier that it is in flight under; 0 for none.</summary>
    public int PacketId { get; set; }

    /// <summary>Where it stands.</summary>
    public TraceEnd End { get; set; }

    public List<TraceStep> Steps { get; } = [];

    public long Bytes => ObjectBytes + (2L * owner.Name.Length) + (Steps.Count * (long)StepBytes);

    public void Add(in TraceStep step)
    {
        if (Steps.Count < StepsMax)
            Steps.Add(step);
    }
}
