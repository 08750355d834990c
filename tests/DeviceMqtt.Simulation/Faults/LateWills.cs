using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Of one connection: a Will with a delay is published when that is over, whether the client has come back or not.</summary>
internal sealed class LateWills(SimWorld world) : PacketFault
{
    private WillMessage? _will;
    private BrokerState? _gateway; // which has the connection

    /// <summary>The gateway that is there now.</summary>
    public static BrokerState? Gateway { get; set; }

    public override IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets)
    {
        foreach (byte[] packet in packets)
        {
            FrameReader reader = new(new ReadOnlySequence<byte>(packet), int.MaxValue, new StraddleBuffer());
            if (reader.TryRead(out Frame frame) != DecodeStatus.Packet)
                continue;
            if (frame.Type == PacketType.Connect && ConnectPacket.TryDecode(frame, out ConnectPacket? connect, out _))
                (_will, _gateway) = (connect.Will, Gateway);
            else if (frame.Type == PacketType.Disconnect)
                _will = null;
        }

        return packets;
    }

    public override void Ending(PipeWriter toGateway)
    {
        if (_will is not { Properties.DelaySeconds: > 0 } will)
            return;
        world.At((will.Properties.DelaySeconds * 1000L) + 1500, () =>
        {
            if (Gateway is not { } state || state != _gateway)
                return;
            using Turn.Scope scope = state.Turn.Enter();
            Publication publication = new() { Route = state.Routes.Get(will.Topic), QoS = will.QoS, Retain = will.Retain, Payload = will.Payload, NowMs = state.Turn.NowMs };
            _ = state.Publish(ref publication);
        });
    }
}
