using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Link;

/// <summary>Opens the network connection to the upstream: name, TCP, TLS.</summary>
internal sealed class UpstreamDialer(UpstreamAddress address, RelayTlsOptions? tls = null, IUpstreamNetwork? network = null)
{
    private readonly IUpstreamNetwork _network = network ?? new TcpNetwork();

    /// <exception cref="UplinkException">The world is not as it should be; says how.</exception>
    /// <exception cref="OperationCanceledException">Nothing answered in time.</exception>
    public async Task<Stream> DialAsync(CancellationToken cancellation) => (await DialBothAsync(cancellation)).Stream;

    /// <inheritdoc cref="DialAsync"/>
    /// <returns>What is spoken on, and what gathers below it; null where nothing does.</returns>
    public async Task<(Stream Stream, IGathering? Gathering)> DialBothAsync(CancellationToken cancellation)
    {
        Stream stream = await _network.ConnectAsync(address.Host, address.Port, cancellation);
        return (address.IsTls ? await SecureAsync(stream, cancellation) : stream, stream as IGathering);
    }

    private async Task<Stream> SecureAsync(Stream plain, CancellationToken cancellation)
    {
        SslPolicyErrors found = SslPolicyErrors.None;
        X509ChainStatusFlags chainFaults = X509ChainStatusFlags.NoError;
        SslStream secure = new(plain, leaveInnerStreamOpen: false);
        try
        {
            SslClientAuthenticationOptions handshake = new() { TargetHost = ServerName, RemoteCertificateValidationCallback = Validate };
            if (tls is { CaFile.Length: > 0 })
                handshake.CertificateChainPolicy = TrustOnly(tls.CaFile);
            if (tls is { CertificateFile.Length: > 0 })
                handshake.ClientCertificateContext = LoadOwn(tls);
            await secure.AuthenticateAsClientAsync(handshake, cancellation);
            return secure;
        }
        catch (CryptographicException exception)
        {
            await secure.DisposeAsync();
            throw new UplinkException(UplinkEndReason.TlsFailed, $"a file of Relay:Tls cannot be used: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            await secure.DisposeAsync();
            throw new UplinkException(UplinkEndReason.TlsFailed, Explain(found, chainFaults), exception);
        }
        catch (OperationCanceledException)
        {
            await secure.DisposeAsync();
            throw;
        }

        bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            found = errors;
            foreach (X509ChainStatus status in chain?.ChainStatus ?? [])
                chainFaults |= status.Status;
            return errors == SslPolicyErrors.None;
        }
    }

    private string Explain(SslPolicyErrors errors, X509ChainStatusFlags chainFaults)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "the upstream shows no certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"the certificate of the upstream is not for '{ServerName}'";
        if (chainFaults.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return "the certificate of the upstream has expired, or is not valid yet by this machine's clock";
        return errors == SslPolicyErrors.None
            ? "the TLS handshake failed; the port may not speak TLS"
            : tls is { CaFile.Length: > 0 } ? $"the certificate of the upstream is not signed by an authority in '{tls.CaFile}'"
            : "the certificate of the upstream is not trusted by this machine";
    }

    private string ServerName => tls is { ServerName.Length: > 0 } ? tls.ServerName : address.Host;

    private static X509ChainPolicy TrustOnly(string file)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }

    private static SslStreamCertificateContext LoadOwn(RelayTlsOptions tls)
    {
        X509Certificate2 own = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile.Length > 0 ? tls.KeyFile : tls.CertificateFile);
        X509Certificate2Collection others = [];
        others.ImportFromPemFile(tls.CertificateFile);
        return SslStreamCertificateContext.Create(own, others, offline: true);
    }
}
