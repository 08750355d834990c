using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Relay.Arriving;

/// <summary>
/// A message of the upstream for which there is no room in the journal, while there is room for others. It is not acknowledged, nor is anything behind it: so it may wait for no longer
/// than the journal takes to make what room it can. Outlives the connection, on which the upstream does not send it again. Owned by the turn.
/// </summary>
internal sealed class LargeMessage(BrokerState broker)
{
    // Chosen: what is dead makes room within seconds, by a snapshot and copies. What is live may stay for as long as it likes.
    private const long WaitMsMax = 60_000;

    private uint _content;
    private int _bytes; // 0: there is none
    private long _sinceMs;

    /// <summary>There is room for it, or it is refused when it comes again; true, too, where none waits.</summary>
    public bool IsToComeAgain => _bytes == 0 || IsOver || !broker.Custody.IsFullFor(_bytes);

    private bool IsOver => broker.Turn.NowMs - _sinceMs >= WaitMsMax;

    /// <summary>A message has found no room.</summary>
    /// <returns>False when there never is any, or it has waited for as long as it may: it is to be refused.</returns>
    public bool MayWait(in Publication publication)
    {
        if (!broker.Custody.CanEverHold(publication.ContentBytes))
            return false;
        if (broker.Custody.IsFull)
            return true; // for all of them, and not because of this one
        uint content = ContentHash.Of(publication.Route.TopicUtf8, publication.Payload);
        if (_bytes != publication.ContentBytes || _content != content)
            (_content, _bytes, _sinceMs) = (content, publication.ContentBytes, broker.Turn.NowMs);
        return !IsOver;
    }

    /// <summary>A message was answered. What comes again comes in its order: none waits in front of it.</summary>
    public void Forget() => _bytes = 0;
}
