using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>Opens the network connection to the upstream: name, TCP, TLS.</summary>
internal sealed class UpstreamDialer(UpstreamAddress address)
{
    /// <exception cref="UplinkException">The world is not as it should be; says how.</exception>
    /// <exception cref="OperationCanceledException">Nothing answered in time.</exception>
    public async Task<Stream> DialAsync(CancellationToken cancellation)
    {
        Stream stream = await ConnectAsync(cancellation);
        return address.IsTls ? await SecureAsync(stream, cancellation) : stream;
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new UplinkException(Classify(exception.SocketErrorCode), exception.Message, exception);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(Stream plain, CancellationToken cancellation)
    {
        SslPolicyErrors found = SslPolicyErrors.None;
        SslStream secure = new(plain, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = address.Host, RemoteCertificateValidationCallback = Validate },
                cancellation);
            return secure;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            await secure.DisposeAsync();
            throw new UplinkException(UplinkEndReason.TlsFailed, Explain(found), exception);
        }
        catch (OperationCanceledException)
        {
            await secure.DisposeAsync();
            throw;
        }

        bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            found = errors;
            return errors == SslPolicyErrors.None;
        }
    }

    private string Explain(SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "the upstream shows no certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"the certificate of the upstream is not for '{address.Host}'";
        return errors == SslPolicyErrors.None
            ? "the TLS handshake failed; the port may not speak TLS"
            : "the certificate of the upstream is not trusted by this machine, or has expired";
    }

    private static UplinkEndReason Classify(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => UplinkEndReason.Refused,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => UplinkEndReason.NameNotFound,
        SocketError.TimedOut => UplinkEndReason.ConnectTimeout,
        SocketError.ConnectionReset or SocketError.ConnectionAborted => UplinkEndReason.ConnectionLost,
        _ => UplinkEndReason.Unreachable,
    };
}
