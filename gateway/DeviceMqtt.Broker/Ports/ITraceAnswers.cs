namespace DeviceMqtt.Broker.Ports;

/// <summary>
/// Where a message is, for an operator who asks: a client with that role publishes the question to <see cref="Topic"/>, and gets the answer on the
/// same topic when it is found, which may be after the acknowledgement.
/// </summary>
internal interface ITraceAnswers
{
    /// <summary>Below <c>$gw/</c>, so that nobody else's messages get there.</summary>
    const string Topic = "$gw/trace";

    /// <summary>Begins to look. Called inside a turn; must not wait.</summary>
    /// <param name="question">Flat JSON.</param>
    /// <param name="answer">Called once, inside a turn, perhaps a later one.</param>
    void Ask(string question, Action<byte[]> answer);
}
