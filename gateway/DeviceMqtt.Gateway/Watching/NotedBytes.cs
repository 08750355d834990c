namespace DeviceMqtt.Gateway.Watching;

/// <summary>How much memory what is noted for the console may take, in bytes.</summary>
/// <param name="Readings">For devices, their recent readings, events and births (<c>Console:ReadingsBytesMax</c>).</param>
internal readonly record struct NotedBytes(long Readings)
{
    // Chosen: parts of what is there for readings, so that one setting bounds what the console takes.
    private const int VisitsPart = 4;
    private const int TopicsPart = 2;

    // 840 incidents with three texts of 200 characters, 500 lines of 1,000, 500 commands of 2 KB.
    private const long Others = 3 * 1024 * 1024;

    /// <summary>For when each client was here.</summary>
    public long Visits => Readings / VisitsPart;

    /// <summary>For the topics, while somebody looks at them.</summary>
    public long Topics => Math.Min(TopicBook.BytesMax, Readings / TopicsPart);

    /// <summary>For all of it, with the last incidents, lines of the log and commands.</summary>
    public long All => Readings + Visits + Topics + Others;
}
