using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>The client "sender" speaks for others, as a gateway below does: what it sends says <c>from</c> an application that gets the answers, and does not mix them with its acknowledgements.</summary>
internal sealed class SenderRules : IAccessRules
{
    public static TestBroker Start(Action<GatewayLimits>? limits = null) => TestBroker.Start(limits, static ground => ground.Access = new SenderRules());

    public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(connect.ClientId == "sender" ? ClientRole.Bridge : ClientRole.Operator);
}
