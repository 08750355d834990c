namespace DeviceMqtt.Broker.Words;

/// <summary>P2P messages: section <c>P2P</c>. A policy of a group may say otherwise.</summary>
internal sealed class PeerOptions
{
    /// <summary>For whom messages wait.</summary>
    public MailboxKind Mailbox { get; set; }
}
