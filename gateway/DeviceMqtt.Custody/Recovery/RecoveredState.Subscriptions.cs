using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Recovery;

/// <content>What Sessions are subscribed to.</content>
internal sealed partial class RecoveredState
{
    private void ApplySubscribed(in SubscriptionRecord subscription)
    {
        if (!Sessions.TryGetValue(subscription.ClientId, out RecoveredSession? session))
            return;
        if (!session.Subscriptions.ContainsKey(subscription.Filter))
            _textBytes += BytesOf(subscription.Filter);
        session.Subscriptions[subscription.Filter] = subscription with { OwedUpTo = null };
        if (session.Terms.IsBridge)
            (session.Order ??= new Dictionary<string, long>(StringComparer.Ordinal))[subscription.Filter] = _applied;
        if (subscription.OwedUpTo is not { } number)
            return;
        ForgetOwed(subscription.ClientId, subscription.Filter);
        session.Owed[subscription.Filter] = new OwedRetained(number);
        LastRetained = Math.Max(LastRetained, number);
    }

    private void ApplyUnsubscribed(string clientId, string filter)
    {
        if (Sessions.GetValueOrDefault(clientId) is { } session && session.Subscriptions.Remove(filter))
        {
            _textBytes -= BytesOf(filter);
            _ = session.Order?.Remove(filter);
        }

        ForgetOwed(clientId, filter);
    }
}
