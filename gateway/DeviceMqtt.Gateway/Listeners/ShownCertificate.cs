using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>The certificate of a connection that is served.</summary>
internal sealed class ShownCertificate(ClientChain chain, TlsFiles files, CertifiedClients certified) : IShownCertificate
{
    public bool IsTaken => certified.WhyNot(chain) is null;

    public string? User => CertificateUser.Of(chain.Certificate, files.Options);
}
