using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.World;

/// <summary>Gateways below are bridges, boards are devices, all others may do everything.</summary>
internal sealed class SimAccess : IAccessRules
{
    public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(
        connect.ClientId.Contains('/', StringComparison.Ordinal) ? ClientRole.Operator
        : connect.ClientId.StartsWith("gw", StringComparison.Ordinal) ? ClientRole.Bridge
        : connect.ClientId.StartsWith("dev", StringComparison.Ordinal) || connect.ClientId.StartsWith("board", StringComparison.Ordinal) ? ClientRole.Device : ClientRole.Operator);
}
