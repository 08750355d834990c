using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.World;

/// <summary>Gateways below are bridges, boards are devices, all others may do everything.</summary>
internal sealed class SimAccess : IAccessRules
{
    /// <summary>A topic that gateways below may not publish to now; empty for none.</summary>
    public string Denied { get; set; } = "";

    public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(RoleOf(connect.ClientId)) { Rights = RoleOf(connect.ClientId) == ClientRole.Bridge ? new Rights(this) : null };

    private static ClientRole RoleOf(string clientId) =>
        clientId.Contains('/', StringComparison.Ordinal) ? ClientRole.Operator
        : clientId.StartsWith("gw", StringComparison.Ordinal) ? ClientRole.Bridge
        : clientId.StartsWith("dev", StringComparison.Ordinal) || clientId.StartsWith("board", StringComparison.Ordinal) ? ClientRole.Device : ClientRole.Operator;

    private sealed class Rights(SimAccess rules) : IClientRights
    {
        public bool IsCurrent => true;

        public bool MayPublish(string topicName) => topicName != rules.Denied;

        public bool MaySubscribe(string topicFilter) => true;

        public bool MayReceive(string topicName) => true;
    }
}
