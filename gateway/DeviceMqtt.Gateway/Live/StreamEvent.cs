namespace DeviceMqtt.Gateway.Live;

/// <summary>An event for pages.</summary>
/// <param name="Number">Counts up; 0 for one that is not kept for those who resume.</param>
/// <param name="Name">tick, states, rows, or resync.</param>
/// <param name="Json">One line.</param>
/// <param name="MadeMs">When, in monotonic milliseconds.</param>
internal sealed record StreamEvent(long Number, string Name, byte[] Json, long MadeMs)
{
    public static readonly StreamEvent Resync = new(0, "resync", "{}"u8.ToArray(), 0);
}
