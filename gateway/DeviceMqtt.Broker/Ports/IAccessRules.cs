using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Ports;

/// <summary>Who may connect, and with which rights. Called inside a turn; must not wait.</summary>
public interface IAccessRules
{
    /// <summary>Whether a client may connect. What takes longer than some microseconds is answered by <see cref="Admission.Later"/>.</summary>
    /// <param name="connect">What it says of itself.</param>
    /// <param name="remote">Where it connects from; null where nobody knows.</param>
    Admission Admit(ConnectPacket connect, EndPoint? remote);

    /// <summary>
    /// What a client that was let in before would be let in as now, without another look at its password. Asked when its Will is to be
    /// published, and of Sessions and mailboxes whose clients are away (<see cref="MqttBroker.ReviewAccess"/>). The same as before unless said otherwise.
    /// </summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="userName">The user that it was let in as; null for a client without one, and where nobody knows.</param>
    /// <param name="role">What it was let in as.</param>
    /// <returns>With a <see cref="Admission.Refusal"/>, or another <see cref="Admission.UserId"/> than it had, its Session ends and what waits for it is dropped, unless <see cref="Admission.IsForNow"/>; <see cref="Admission.Rights"/> count for its Will all the same.</returns>
    Admission Recall(string clientId, string? userName, ClientRole role) => new(role) { UserName = userName };
}
