using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>Everybody may connect, in one role.</summary>
internal sealed class EverybodyIs(ClientRole role) : IAccessRules
{
    public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(role);
}
