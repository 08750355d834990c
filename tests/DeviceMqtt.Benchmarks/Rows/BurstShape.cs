namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Who sends how much at a time. What follows from it at the rate of the row is how often.</summary>
/// <param name="Publishers">Their moments are spread evenly.</param>
/// <param name="Messages">What each has to say at its moment.</param>
/// <param name="PerWrite">1: a write for each message, as client libraries do; a program that gathers has all in one.</param>
internal sealed record BurstShape(int Publishers, int Messages, int PerWrite)
{
    /// <summary>One program that sends off what it has collected: 20 messages each 4 ms.</summary>
    public static BurstShape Collector { get; } = new(Publishers: 1, Messages: 20, PerWrite: 1);

    /// <summary>A hundred boards with five sensors each: 5 messages each 100 ms.</summary>
    public static BurstShape Boards { get; } = new(Publishers: 100, Messages: 5, PerWrite: 1);
}
