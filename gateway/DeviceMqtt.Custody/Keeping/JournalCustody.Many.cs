using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Keeping;

// A message that goes to many is on the disk once, also where the first are done with it before it has come to the last.
internal sealed partial class JournalCustody
{
    // What the journal had written when the turn began.
    private long _turnBegan;
    private readonly List<long> _dropped = [];

    public Kept Grip(Message message)
    {
        if (_journal is null || message.IsVolatile)
            return Kept.NotNeeded;
        return Store(message, DropOwner.Topic(message.Topic));
    }

    public void LetGo(Message message) => Release(message);

    // What was written in this turn, and nobody waits for any more, may be for others who come next: it would be written again for each of them.
    private void Release(Message message)
    {
        if (message.Position > _turnBegan)
            _dropped.Add(message.Position);
        else
            _journal!.Release(message.Position);
    }

    private void LetGoOfDropped()
    {
        foreach (long position in _dropped)
            _journal!.Release(position);
        _dropped.Clear();
        _turnBegan = LastPosition;
    }
}
