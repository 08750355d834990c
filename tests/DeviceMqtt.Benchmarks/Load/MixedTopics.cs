namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Where a <see cref="MixedPublisher"/> publishes, and how much.</summary>
/// <param name="Stays">Topic of the messages that stay.</param>
/// <param name="Goes">Topic of the others, of the same length.</param>
/// <param name="StaysOneIn">One message in so many stays.</param>
/// <param name="PayloadBytes">Of each message.</param>
internal sealed record MixedTopics(string Stays, string Goes, int StaysOneIn, int PayloadBytes)
{
    /// <summary>What a broker has to keep of one message.</summary>
    public int MessageBytes => Stays.Length + PayloadBytes;
}
