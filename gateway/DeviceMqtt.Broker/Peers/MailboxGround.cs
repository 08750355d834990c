using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>What every mailbox stands on, and whom it tells.</summary>
internal sealed class MailboxGround(Ground ground, GroupPolicies policies, Births births, Commands commands)
{
    public Turn Turn => ground.Turn;

    public GatewayLimits Limits => ground.Limits;

    public ICustody Custody => ground.Custody;

    public Owners Owners => ground.Owners;

    /// <summary>What holds for a client.</summary>
    public GroupPolicy PolicyOf(string clientId) => policies.Find(clientId);

    /// <summary>Whether P2P messages wait for a client.</summary>
    /// <param name="clientId">Which.</param>
    /// <param name="isDurable">Its Session outlives its connection.</param>
    public bool MayWait(string clientId, bool isDurable) => (policies.Find(clientId).Mailbox ?? ground.P2P.Mailbox) switch
    {
        MailboxKind.Registered => true,
        MailboxKind.Session => isDurable,
        _ => false,
    };

    /// <inheritdoc cref="Ground.IsGone"/>
    public bool IsGone(string clientId, in UserIdentity user) => ground.IsGone(clientId, user);

    public Births Births => births;

    public Commands Commands => commands;

    /// <summary>Told of each entry that its device has acknowledged, while the answer is still to come.</summary>
    public Action<long>? Delivered { get; set; }

    /// <summary>Told of each entry whose device has acknowledged it, and has not answered before its time was over.</summary>
    public Action<long>? Unanswered { get; set; }
}
