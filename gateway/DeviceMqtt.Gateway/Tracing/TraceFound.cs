namespace DeviceMqtt.Gateway.Tracing;

/// <summary>What a search has found.</summary>
/// <param name="Stories">Newest first.</param>
/// <param name="IsMore">There were more.</param>
/// <param name="SinceMs">The ring goes back to there, in monotonic milliseconds.</param>
internal sealed record TraceFound(IReadOnlyList<TraceStory> Stories, bool IsMore, long SinceMs);
