using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>Writes down each step of each message, as one line.</summary>
internal sealed class RecordingTrace : IMessageTrace
{
    private uint _number;

    public List<string> Lines { get; } = [];

    public uint Accepted(in Publication publication)
    {
        if (publication.Origin == Origin.Gateway)
            return 0;
        Lines.Add($"{++_number} accepted {publication.Route.Topic} from {publication.Publisher?.ClientId} at {((Broker.Sessions.Session?)publication.Publisher)?.Connection?.Remote}");
        return _number;
    }

    public uint Found() => 0;

    public void Answered(uint number, Kept kept, ReasonCode code) => Lines.Add($"{number} answered {code}");

    public void Held(uint number, long entry, in DropOwner owner, LedgerClass ledgerClass, long position)
    {
        if (number != 0)
            Lines.Add($"{number} held {ledgerClass} {owner.Name}");
    }

    public void Handed(uint number, long entry, in DropOwner owner, DeliveryResult result, QoS qos, ushort packetId)
    {
        if (number != 0)
            Lines.Add($"{number} handed {owner.Name} {result} {(int)qos} {packetId}");
    }

    public void Acknowledged(in DropOwner owner, PacketType ack, ushort packetId, bool isError) => Lines.Add($"acknowledged {owner.Name} {ack} {packetId}{(isError ? " refused" : "")}");

    public void FlowEnded(in DropOwner owner) => Lines.Add($"flow of {owner.Name} ended");

    public void Settled(uint number, long entry, Outcome outcome)
    {
        if (number != 0)
            Lines.Add($"{number} settled {(outcome.IsDelivered ? "delivered" : outcome.Reason)}");
    }

    public void Dropped(uint number, long entry, in Drop drop)
    {
        if (number != 0)
            Lines.Add($"{number} dropped {drop.Owner.Name} {drop.Reason}");
    }

    public void Durable(long position) => Lines.Add("durable");

    public void ToldBelow(string gateway, ReadOnlySpan<byte> receipt) => Lines.Add($"told by {gateway}");
}
