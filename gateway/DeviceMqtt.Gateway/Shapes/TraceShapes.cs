namespace DeviceMqtt.Gateway.Shapes;

/// <summary>What the API says of messages on their way. Times are milliseconds since 1970.</summary>
internal static class TraceShapes
{
    /// <summary>Messages with their ways.</summary>
    /// <param name="Now">When this was said.</param>
    /// <param name="All">All messages are noted; otherwise only those of <see cref="Rules"/>.</param>
    /// <param name="Since">Older messages are not noted any more, except those of <see cref="Rules"/>.</param>
    /// <param name="Bytes">What the notes of all take.</param>
    /// <param name="BytesMax">What they may take (<c>Trace:BytesMax</c>).</param>
    /// <param name="Skipped">Messages that were not noted, since the start, because they and what became of them had more than 40,000 steps in a second.</param>
    /// <param name="KeptBytes">What is kept for the rules takes.</param>
    /// <param name="KeptBytesMax">What it may take (<c>Trace:KeptBytesMax</c>).</param>
    /// <param name="More">There are more than were asked for.</param>
    /// <param name="Rules">What is kept for longer.</param>
    /// <param name="Messages">Newest first.</param>
    internal sealed record Trace(long Now, bool All, long Since, long Bytes, long BytesMax, long Skipped, long KeptBytes, long KeptBytesMax, bool More, IReadOnlyList<KeptRule> Rules, IReadOnlyList<TracedMessage> Messages);

    /// <summary>Messages that are kept for longer.</summary>
    /// <param name="Text">Client Identifier or Topic Filter.</param>
    /// <param name="Client">It is a Client Identifier.</param>
    /// <param name="Ends">Until when; what was kept stays.</param>
    internal sealed record KeptRule(string Text, bool Client, long Ends);

    /// <summary>A rule to be made.</summary>
    /// <param name="Client">Client Identifier; null when there is a filter.</param>
    /// <param name="Filter">Topic Filter; null when there is a client.</param>
    /// <param name="Minutes">For how long, 1 to 10,080; 60 when null.</param>
    internal sealed record NewKeptRule(string? Client, string? Filter, int? Minutes);

    /// <summary>What <c>devicemqtt trace</c> asks.</summary>
    internal sealed record TraceQuestion(string? Client, string? Filter, string? Command, int? Minutes, int? Limit, bool Keep, string? End);

    /// <summary>What it is answered: words, or messages.</summary>
    internal sealed record Answered(string? Text, Trace? Trace);

    /// <summary>One message.</summary>
    /// <param name="Time">When it was accepted.</param>
    /// <param name="Topic">Topic Name.</param>
    /// <param name="From">Client Identifier of its publisher; left out for the gateway and an upstream.</param>
    /// <param name="Address">Where that came from.</param>
    /// <param name="Origin">client, gateway or upstream.</param>
    /// <param name="QoS">Of its publisher.</param>
    /// <param name="Retain">Published with RETAIN.</param>
    /// <param name="Bytes">Of the payload.</param>
    /// <param name="Command">The id of the command, or of the one that it answers.</param>
    /// <param name="State">waiting, sent (not acknowledged), delivered, partly (delivered, and lost for some), nobody (no one was to get it), expired or dropped.</param>
    /// <param name="Position">In the journal; left out while it is in memory alone.</param>
    /// <param name="DiskMs">Milliseconds from then until the disk had it; left out when it does not (yet).</param>
    /// <param name="AnswerMs">Milliseconds from then until its publisher was sent PUBACK or PUBREC; left out when it was not (yet).</param>
    /// <param name="Answer">What that said.</param>
    /// <param name="More">More clients get it than are told of here.</param>
    /// <param name="Ways">For whom it was, or is.</param>
    internal sealed record TracedMessage(
        long Time, string Topic, string? From, string? Address, string Origin, int QoS, bool Retain, int Bytes, string? Command, string State, long? Position, long? DiskMs, long? AnswerMs, string? Answer,
        bool More, IReadOnlyList<MessageWay> Ways);

    /// <summary>The way to one client or upstream.</summary>
    /// <param name="Kind">client, upstream or topic (what is retained).</param>
    /// <param name="Name">Whose.</param>
    /// <param name="State">waiting, sent, delivered, absent, expired or dropped.</param>
    /// <param name="Steps">In their order.</param>
    internal sealed record MessageWay(string Kind, string Name, string State, IReadOnlyList<WayStep> Steps);

    /// <summary>One step.</summary>
    /// <param name="Ms">Milliseconds since the message was accepted.</param>
    /// <param name="Text">What happened, for people.</param>
    internal sealed record WayStep(long Ms, string Text);
}
