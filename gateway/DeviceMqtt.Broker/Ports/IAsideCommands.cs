namespace DeviceMqtt.Broker.Ports;

/// <summary>
/// What an operator may have done with messages that an upstream does not take. A client with that role publishes the words to
/// <see cref="Topic"/>, and gets the answer on the same topic before the acknowledgement. Called inside a turn; must not wait.
/// </summary>
internal interface IAsideCommands
{
    /// <summary>Where the words are published: below <c>$gw/</c>, so that nobody else's messages get there.</summary>
    const string Topic = "$gw/relay/aside";

    /// <param name="words"><c>list</c>, <c>show</c>, <c>retry</c> or <c>drop</c>; the name of the upstream; a number, or <c>all</c>.</param>
    /// <returns>The answer, for people.</returns>
    string Run(string words);
}
