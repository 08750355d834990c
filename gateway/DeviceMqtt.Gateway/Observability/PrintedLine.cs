namespace DeviceMqtt.Gateway.Observability;

/// <summary>One line of the log, ready to be printed: no text of others in it can do anything on a terminal.</summary>
/// <param name="Time">When it was said.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Category">Who says it.</param>
/// <param name="EventId">Which kind of line it is, within its category.</param>
/// <param name="Text">One line.</param>
/// <param name="Fields">Whom and what it concerns, as it was sent: for an output that keeps values apart.</param>
internal sealed record PrintedLine(DateTimeOffset Time, LogLevel Level, string Category, int EventId, string Text, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>It is no line of the log but one for whoever has started the process: standard output has <see cref="Text"/> and nothing else.</summary>
    public bool IsPlain { get; private init; }

    public static PrintedLine Plain(string text) => new(default, LogLevel.Information, "", 0, text, []) { IsPlain = true };
}
