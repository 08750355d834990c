using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Relay.Sending;

/// <content>Its work over turns, and a fault of the gateway itself in that.</content>
internal sealed partial class RelaySender
{
    private Message? _failedWith; // the last that a fault was about

    /// <inheritdoc/>
    public bool Writes => true;

    string IJob.Name => "what waits for an upstream";

    // What is in flight comes again on the next connection.
    AfterFault IJob.Failed(Exception fault, Turn turn)
    {
        if (_output is not { } output)
            return AfterFault.Later;
        output.Fail(fault);
        return AfterFault.OwnerEnded;
    }

    // It waits no more and is not in flight: it goes first on the next connection. Once, for it stops nothing but itself: with the second fault it stays in the custody, and comes with the next start.
    private void PutBack(Message message)
    {
        bool isSecond = ReferenceEquals(_failedWith, message);
        _failedWith = message;
        if (!isSecond && buffer.HasInFlight(message) && !Flow.InOrder().Any(sent => ReferenceEquals(sent.Inflight.Message, message)) && !_unsettled.Any(sent => ReferenceEquals(sent.Message, message)))
            _again.Enqueue(message);
    }
}
