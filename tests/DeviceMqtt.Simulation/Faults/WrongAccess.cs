using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>Access rules that are wrong in one respect.</summary>
internal sealed class WrongAccess(IAccessRules inner, string wrong) : IAccessRules
{
    public Admission Admit(ConnectPacket connect, EndPoint? remote) => Wrong(inner.Admit(connect, remote));

    public Admission Recall(string clientId, string? userName, ClientRole role)
    {
        Admission now = Wrong(inner.Recall(clientId, userName, role));
        return wrong == "takes who cannot be asked about for gone" ? now with { IsForNow = false } : now;
    }

    private Admission Wrong(in Admission admission) => wrong switch
    {
        "takes a new user of a name for the one before" => admission with { UserId = admission.UserId == 0 ? 0 : 1 },
        "does not look at what waits" => admission with { Rights = admission.Rights is { } rights ? new Lenient(rights, receives: true) : null },
        "lets everybody publish" => admission with { Rights = admission.Rights is { } rights ? new Lenient(rights, publishes: true) : null },
        "lets everybody command" => admission with { Role = ClientRole.Operator },
        _ => admission,
    };

    private sealed class Lenient(IClientRights inner, bool receives = false, bool publishes = false) : IClientRights
    {
        public bool IsCurrent => inner.IsCurrent;

        public bool MayPublish(string topicName) => publishes || inner.MayPublish(topicName);

        public bool MaySubscribe(string topicFilter) => inner.MaySubscribe(topicFilter);

        public bool MayReceive(string topicName) => receives || inner.MayReceive(topicName);
    }
}
