using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>The user of a Session that has ended, shared by all that waited for it: there may be a million.</summary>
/// <param name="Identity">No name where nobody knows.</param>
/// <param name="IsForNobody">An operator has had the client forgotten since.</param>
internal sealed record FormerUser(UserIdentity Identity, bool IsForNobody);
