using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>A client that has connected as a device: messages may wait for it. Owned by the turn.</summary>
internal sealed class KnownDevice
{
    public KnownDevice(string clientId, Owner owner)
    {
        ClientId = clientId;
        Owner = owner;
        OfAll = new LinkedListNode<KnownDevice>(this);
        OfOwner = new LinkedListNode<KnownDevice>(this);
    }

    public string ClientId { get; }

    /// <summary>Whose share it takes: of whoever connected as it last.</summary>
    public Owner Owner { get; set; }

    /// <summary>Its place among all.</summary>
    public LinkedListNode<KnownDevice> OfAll { get; }

    /// <summary>Its place among those of its owner.</summary>
    public LinkedListNode<KnownDevice> OfOwner { get; }

    /// <summary>When it came or left last: a number that only grows.</summary>
    public long Since { get; set; }

    public Mailbox? Mailbox { get; set; }

    /// <summary>Who had it let in the last time.</summary>
    public UserIdentity User { get; set; }

    public ClientRole? Role { get; set; }

    public bool IsReachable { get; set; }
}
