namespace DeviceMqtt.Relay.Link;

/// <summary>How a try to connect, or a connection, to the upstream ended: the reason, and the names and numbers for the log.</summary>
internal readonly record struct UplinkEnd(UplinkEndReason Reason, string Detail)
{
    /// <summary>The gateway itself has ended a connection that stood, and makes another: it is not cut off.</summary>
    public bool IsToComeBack { get; init; }

    public override string ToString() => $"{Reason}: {Detail}";
}
