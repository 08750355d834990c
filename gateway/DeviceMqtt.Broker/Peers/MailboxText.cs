using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// What waits for a device, for an operator who asks: a client with that role publishes the Client Identifier to <see cref="Topic"/>, and gets the
/// answer on the same topic before the acknowledgement.
/// <code>{"to":"GID_a@@@kitchen","known":true,"count":3,"unanswered":1,"age":12,"expires":48}</code>
/// <c>age</c> and <c>expires</c> are seconds, of the oldest that waits; missing when nothing does.
/// </summary>
internal static class MailboxText
{
    public const string Topic = "$gw/mailbox";
    private const int BytesMax = 8 * 1024; // chosen: a Client Identifier of any length that may connect, escaped

    public static byte[] Of(Mailboxes mailboxes, string clientId, long nowMs)
    {
        Mailbox? mailbox = mailboxes.Find(clientId);
        FlatJsonWriter json = new(BytesMax);
        json.Begin();
        json.Add("to", clientId);
        json.Add("known", mailboxes.IsKnown(clientId));
        json.Add("count", mailbox?.Count ?? 0);
        json.Add("unanswered", mailbox?.UnansweredCount ?? 0);
        if (mailbox?.Oldest is { } oldest)
        {
            json.Add("age", Math.Max(0, nowMs - oldest.AcceptedMs) / 1000);
            json.Add("expires", Math.Max(0, oldest.ExpiresMs - nowMs) / 1000);
        }

        return json.End() ? json.Buffer.AsSpan(0, json.Length).ToArray() : [];
    }
}
