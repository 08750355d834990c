using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>Rules of a test: who is turned away, and which topics nobody may publish to. It remembers what it was asked.</summary>
internal sealed class OwnRules : IAccessRules
{
    public HashSet<string> TurnedAway { get; } = [];

    public HashSet<string> Forbidden { get; } = [];

    /// <summary>Each question who may publish where, in its order.</summary>
    public List<string> Asked { get; } = [];

    public Admission Admit(ConnectPacket connect, EndPoint? remote) =>
        new(ClientRole.Device, TurnedAway.Contains(connect.ClientId) ? "not today" : null) { Rights = RightsOf(connect.ClientId) };

    private TestRights RightsOf(string clientId) => new()
    {
        Publish = topic =>
        {
            Asked.Add($"{clientId} {topic}");
            return !Forbidden.Contains(topic);
        },
    };
}
