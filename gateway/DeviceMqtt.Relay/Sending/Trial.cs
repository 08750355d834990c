using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Finds the one message that an upstream does not take, so that the others can go on.
/// <list type="bullet">
/// <item>The message that was oldest in flight when the connection ended, twice in a row and with nothing answered, is
/// suspected. On the next connection it is sent alone: after all that is the connection's own, before everything else.</item>
/// <item>The same for a message that is refused for want of room. When it is refused alone as well, another message decides
/// whose fault it is: the message's, or the upstream's, which has no room for anything.</item>
/// <item>A message that is refused for no certain reason is tried once more, alone, at once.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class Trial
{
    private const int StrikesMax = 2;

    private readonly Queue<ushort> _alone = new();
    private int _strikes;

    /// <summary>The message that the upstream seems not to take; null when none does.</summary>
    public Message? Suspect { get; private set; }

    /// <summary>A message is to be sent alone.</summary>
    public bool IsOn => _alone.Count > 0;

    /// <summary>Its Packet Identifier.</summary>
    public ushort Current => _alone.Peek();

    /// <summary>It has been sent on this connection.</summary>
    public bool IsSent { get; set; }

    /// <summary>It was refused alone, for want of room. 0 when no such message waits for another one's answer.</summary>
    public ushort Doubtful { get; set; }

    /// <summary>Another connection. What is suspected by now is to be sent alone.</summary>
    /// <param name="suspectId">Its Packet Identifier; 0 when it is in flight no more.</param>
    public void Begin(ushort suspectId)
    {
        _alone.Clear();
        IsSent = false;
        Doubtful = 0;
        if (suspectId == 0)
            Clear();
        else if (_strikes >= StrikesMax)
            _alone.Enqueue(suspectId);
    }

    /// <summary>A message is to be tried once more, alone.</summary>
    public void Add(ushort packetId)
    {
        _alone.Enqueue(packetId);
        IsSent = false;
    }

    /// <summary>The message that was sent alone has its answer, or is in flight no more.</summary>
    public void EndCurrent()
    {
        _ = _alone.Dequeue();
        IsSent = false;
    }

    /// <summary>Something speaks against a message; nothing does any more against the one before.</summary>
    public void Strike(Message message)
    {
        _strikes = Suspect == message ? _strikes + 1 : 1;
        Suspect = message;
    }

    /// <summary>Nothing speaks against any message.</summary>
    public void Clear()
    {
        Suspect = null;
        _strikes = 0;
    }
}
