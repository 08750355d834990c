namespace DeviceMqtt.Relay.Link;

/// <summary>A connection that can wait for a moment behind the first bytes, so that one read brings what would be many.</summary>
internal interface IGathering
{
    /// <summary>Microseconds from the first bytes until they are handed on, with all that came meanwhile; 0 to hand them on at once.</summary>
    int GatherUs { get; set; }
}
