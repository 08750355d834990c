using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security.Import;

/// <summary>One line of a file of another broker that was not taken over.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Why">As a sentence ends.</param>
internal readonly record struct ImportNote(int Line, string Why)
{
    /// <summary>The file that the line is in, where it is not the one that was named.</summary>
    public string? File { get; init; }

    public override string ToString() => $"line {Line}: {SafeText.Of(Why, 300)}";
}
