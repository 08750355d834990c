using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Ports;

/// <summary>Who may connect, as what, and who may publish where. Called inside a turn; must not wait.</summary>
public interface IAccessRules
{
    /// <summary>Whether a client may connect. What takes longer than some microseconds is answered by <see cref="Admission.Later"/>.</summary>
    /// <param name="connect">What it says of itself.</param>
    /// <param name="remote">Where it connects from; null where nobody knows.</param>
    Admission Admit(ConnectPacket connect, EndPoint? remote);

    /// <summary>
    /// Whether a client may publish to a topic. Asked once for a topic while the client stays with it, so the answer must
    /// hold for the connection. Asked at CONNECT about the topic of the Will. P2P topics have a rule of their own beside it.
    /// </summary>
    bool MayPublish(string clientId, ClientRole role, string topicName);
}
