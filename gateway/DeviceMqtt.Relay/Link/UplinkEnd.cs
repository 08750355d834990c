namespace DeviceMqtt.Relay.Link;

/// <summary>How a try to connect, or a connection, to the upstream ended: the reason, and the names and numbers for the log.</summary>
internal readonly record struct UplinkEnd(UplinkEndReason Reason, string Detail)
{
    public override string ToString() => $"{Reason}: {Detail}";
}
