using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Link;

/// <summary>As whom a connection to the upstream introduces itself.</summary>
/// <param name="ClientId">The Client Identifier.</param>
/// <param name="Will">Null where the upstream has none.</param>
/// <param name="IsGateway">
/// The gateway itself: a bridge, whose Session goes on, so that commands which are sent while the link is down arrive when it
/// is back. False for a connection that only holds a Will.
/// </param>
internal sealed record UplinkIdentity(string ClientId, WillMessage? Will, bool IsGateway);
