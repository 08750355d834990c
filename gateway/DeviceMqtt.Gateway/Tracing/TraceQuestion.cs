using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>Which messages somebody asks about. What is null does not narrow.</summary>
/// <param name="ClientId">Published by it, or on its way to it; or the name of an upstream.</param>
/// <param name="Filter">Topic Filter.</param>
/// <param name="CommandId">The command, and its answer.</param>
/// <param name="MinutesMax">Not older than that.</param>
/// <param name="Limit">The newest so many.</param>
internal sealed record TraceQuestion(string? ClientId, TopicFilter? Filter, string? CommandId, int MinutesMax, int Limit)
{
    /// <summary>Messages in one answer.</summary>
    public const int LimitMax = 200;

    /// <summary>A week.</summary>
    public const int MinutesMaxMax = 7 * 24 * 60;

    /// <returns>What is wrong, as a sentence; null when nothing is.</returns>
    public static string? Read(string? clientId, string? filter, string? commandId, int? minutes, int? limit, out TraceQuestion question)
    {
        question = new TraceQuestion(Null(clientId), null, Null(commandId), minutes ?? 60, limit ?? 50);
        if (question.MinutesMax is < 1 or > MinutesMaxMax)
            return $"'minutes' is {minutes}; it must be between 1 and {MinutesMaxMax}";
        if (question.Limit is < 1 or > LimitMax)
            return $"'limit' is {limit}; it must be between 1 and {LimitMax}";
        if (string.IsNullOrEmpty(filter))
            return null;
        if (!TopicFilter.TryParse(filter, out TopicFilter parsed, out MalformedReason reason))
            return $"'{filter}' is no Topic Filter: {reason.ToText()}";
        question = question with { Filter = parsed };
        return null;
    }

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
