using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>Where HTTP is listened for.</summary>
/// <param name="On">One address or more.</param>
/// <param name="Tls">For those that want it; null when none does.</param>
/// <param name="Proxies">Whose word is taken for whom they connect.</param>
/// <param name="Lines">Where it is said what went wrong before a request.</param>
internal sealed record HttpListening(IReadOnlyList<ListenOn> On, TlsConnections? Tls, TrustedProxies Proxies, HandshakeLines Lines);
