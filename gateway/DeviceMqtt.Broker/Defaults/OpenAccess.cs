using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Defaults;

/// <summary>Everybody may connect and do everything: for a broker inside a program, and for tests.</summary>
internal sealed class OpenAccess : IAccessRules
{
    public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(ClientRole.Operator);
}
