using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Ports;

/// <summary>Whether a client may connect, and as what.</summary>
/// <param name="Role">What it may do.</param>
/// <param name="Refusal">Why it may not connect, for the log and a 5.0 client; null when it may.</param>
public readonly record struct Admission(ClientRole Role, string? Refusal = null)
{
    /// <summary>The user that the client is let in as: another one never resumes its Session. Null for a client without one.</summary>
    public string? UserName { get; init; }

    /// <summary>
    /// Which user of that name: one that was removed and added again has another number, and nothing of what the one before had. 0 where the name is all that
    /// there is. A new password or role does not change it. <see cref="IAccessRules.Recall"/> says it, too.
    /// </summary>
    public long UserId { get; init; }

    /// <summary>What the client may publish and subscribe to; null where it may all that its role may.</summary>
    public IClientRights? Rights { get; init; }

    /// <summary>The Client Identifier is this user's: a Session that another one has under it is ended, and not in its way.</summary>
    public bool OwnsClientId { get; init; }

    /// <summary>
    /// The refusal is none of the client's fault, and it may come again: CONNACK 0x03, in 5.0 0x89 (server busy). Of <see cref="IAccessRules.Recall"/>: nobody
    /// can say now whether the user is still there, and nothing of it ends.
    /// </summary>
    public bool IsForNow { get; init; }

    internal UserIdentity User => new(UserName, UserId);

    /// <summary>What the log has in place of <see cref="Refusal"/>, and the client is not to know; null when that is the same.</summary>
    public string? LogOnly { get; init; }

    /// <summary>
    /// The answer takes longer than a turn may: the CONNECT waits for this one, and all others go on. Null when the answer is
    /// here. A task that fails ends the connection as a fault of the gateway.
    /// </summary>
    public Task<Admission>? Later { get; init; }
}
