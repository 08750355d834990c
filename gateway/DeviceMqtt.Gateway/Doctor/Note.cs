namespace DeviceMqtt.Gateway.Doctor;

/// <summary>One thing that is not well, in a sentence, with what to do.</summary>
/// <param name="Rule">Which of the rules found it.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Subject">Client Identifier, address or name that it is about; empty for the gateway.</param>
/// <param name="Title">What is wrong.</param>
/// <param name="Text">The evidence, with numbers.</param>
/// <param name="Do">What to do.</param>
internal sealed record Note(string Rule, NoteLevel Level, string Subject, string Title, string Text, string Do)
{
    /// <summary>Name of the device that it is about; empty for none.</summary>
    public string Device { get; init; } = "";

    /// <summary>It is about the gateway, its disk or an upstream, and not about a client or a device.</summary>
    public bool IsOfGateway { get; init; }

    /// <summary>When it was first seen, in milliseconds since 1970; 0 where that is not known.</summary>
    public long FirstUnixMs { get; init; }

    /// <summary>When it was last seen; 0 for now.</summary>
    public long LastUnixMs { get; init; }

    public long Count { get; init; }
}
