namespace DeviceMqtt.Broker.Words;

/// <summary>Who a client is, as far as it has to be known when it is not connected any more.</summary>
/// <param name="ClientId">Its Client Identifier.</param>
/// <param name="UserName">Who had it let in; null for a client without a user, and where nobody knows.</param>
/// <param name="Role">What it could do.</param>
internal readonly record struct ClientIdentity(string ClientId, string? UserName, ClientRole Role);
