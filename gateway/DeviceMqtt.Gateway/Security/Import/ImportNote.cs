using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security.Import;

/// <summary>One line of a file of another broker that was not taken over.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Why">As a sentence ends.</param>
internal readonly record struct ImportNote(int Line, string Why)
{
    public override string ToString() => $"line {Line}: {SafeText.Of(Why, 300)}";
}
