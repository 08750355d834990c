using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Broker.Ports;

/// <summary>
/// Who looks on while messages are routed: the console of the gateway. Called inside a turn for every message; must not wait, must not
/// throw, and must not allocate for a topic that does not concern it. Nobody looks on unless <see cref="Grounds.Ground.Watch"/> is set.
/// </summary>
internal interface IMessageWatch
{
    /// <summary>A message is about to be routed.</summary>
    void Published(ref Publication publication);

    /// <summary>A P2P message is about to be routed: an answer to a command of the gateway itself is for nobody else.</summary>
    /// <returns>True when it is taken.</returns>
    bool Takes(in Publication publication);

    /// <summary>What became of a P2P message that the gateway itself has sent (the words of <see cref="Wire.Receipt"/>).</summary>
    /// <param name="target">Client Identifier that it was for.</param>
    /// <param name="commandId">The id in its envelope; empty if it is no command.</param>
    /// <param name="status">Which of the words.</param>
    /// <param name="why">One more word when it was dropped; empty otherwise.</param>
    void ReceiptCame(string target, string commandId, string status, string why);
}
