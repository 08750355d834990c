using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;

namespace DeviceMqtt.Relay.Sending;

/// <content>What is the gateway's own.</content>
internal sealed partial class RelaySender
{
    private OwnMessages Own => _trial.Own;

    /// <summary>Which packet of the gateway's own the upstream ends connections for.</summary>
    public OwnTrial OwnTrial { get; } = new();

    /// <summary>Sends the next request of the gateway's own, alone; false where there is none. While <see cref="Sending.OwnTrial.IsOn"/> requests wait to be asked for.</summary>
    public Func<bool>? AskNext { get; set; }

    /// <summary>Something waits to be sent.</summary>
    public bool HasSomethingToSend => buffer.Waiting > 0 || Flow.DueCount > 0 || Own.Waiting > 0;

    // But what was refused, and waits for the answer to another.
    private bool HasUnanswered => Flow.Unanswered > _refusals.Count + (_trial.HasDoubtful ? 1 : 0);

    /// <summary>Sends a message of the gateway itself before everything that waits.</summary>
    /// <param name="message">Not one that is relayed as well.</param>
    /// <param name="acknowledged">Called when the upstream has it, or refuses it, or it is left out; not when the connection ends before.</param>
    public void SendAhead(Message message, Action? acknowledged = null)
    {
        if (OwnTrial.IsLeftOut(OwnTrial.Publish(message.Topic)))
            acknowledged?.Invoke();
        else
            Own.Add(message, acknowledged);
        Pump(_turn.NowMs);
    }

    /// <summary>PINGRESP.</summary>
    public void ReceivePingResp()
    {
        OwnTrial.Heard();
        Pump(_turn.NowMs);
    }

    // One after the other, so that an end of the connection says for which it was.
    private bool TrySendOwn(ConnectionOutput output)
    {
        if (!OwnTrial.MaySend || Flow.Unanswered > 0)
            return false;
        if (Own.TryTake(out Message? own))
            Send(output, own!);
        else if (AskNext?.Invoke() != true)
            OwnTrial.Pass();
        return true;
    }
}
