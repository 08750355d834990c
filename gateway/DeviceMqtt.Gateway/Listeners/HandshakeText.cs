using System.Security.Authentication;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>Why a handshake failed, in words that say what to do.</summary>
internal static class HandshakeText
{
    // Parts of OpenSSL's words for what a client answers (alerts, RFC 8446 section 6.2), and for what it offers.
    private static readonly (string Part, string Words)[] Known =
    [
        ("alert unknown ca", "the client does not know the authority of the gateway's certificate: give it the right CA certificate"),
        ("alert bad certificate", "the client does not take the gateway's certificate: is its CA certificate the right one, and does the certificate have the name that it connects to?"),
        ("alert certificate unknown", "the client does not take the gateway's certificate: is its CA certificate the right one, and does the certificate have the name that it connects to?"),
        ("alert certificate expired", "the client says that the gateway's certificate has expired, or is not valid yet by its clock"),
        ("unsupported protocol", "the client offers neither TLS 1.2 nor 1.3"),
        ("no shared cipher", "the client offers no cipher that the gateway has"),
        ("RemoteCertificateValidationCallback", "the client's certificate is missing, revoked, has expired, or is not signed by an authority of Tls:ClientCaFile"),
        ("peer did not return a certificate", "the client shows no certificate, and Tls:ClientCertificates is Required"),
        ("unexpected EOF", "the client has gone in the middle of the handshake"),
    ];

    /// <summary>A sentence.</summary>
    /// <param name="failure">What Kestrel said; null when it said nothing.</param>
    /// <param name="seconds">That a handshake may take.</param>
    public static string Of(Exception? failure, int seconds)
    {
        if (failure is null)
            return "the client has gone in the middle of the handshake";
        if (failure is OperationCanceledException)
            return $"the handshake was not done within {seconds} s (Limits:HandshakeSecondsMax)";
        string inner = "";
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            foreach ((string part, string words) in Known)
                if (cause.Message.Contains(part, StringComparison.OrdinalIgnoreCase))
                    return words;
            inner = cause.Message;
        }

        if (inner.Contains("reset by peer", StringComparison.OrdinalIgnoreCase) || inner.Contains("Broken pipe", StringComparison.OrdinalIgnoreCase))
            return "the client has ended the connection in the middle of the handshake; most do so when they do not trust the certificate: is their CA certificate the right one, and does the certificate have the name that they connect to?";
        return failure is IOException or AuthenticationException ? inner.ReplaceLineEndings(" ") : $"{failure.GetType().Name}: {inner.ReplaceLineEndings(" ")}";
    }
}
