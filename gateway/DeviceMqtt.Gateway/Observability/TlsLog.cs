using System.Net;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Log lines of TLS and proxies, events 520 to 559. Never keys or passwords.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(520, LogLevel.Information, "the files of section Tls were read again: {subject}, until {until:u}, {revoked} certificates revoked; connections go on")]
    public static partial void TlsFilesRead(this ILogger log, string subject, DateTime until, int revoked);

    [LoggerMessage(521, LogLevel.Error, "the files of section Tls have changed and cannot be used, so what was read before is used on: {why}")]
    public static partial void TlsFilesWrong(this ILogger log, string why);

    [LoggerMessage(522, LogLevel.Warning, "the certificate {subject}, serial {serial}, is not taken any more: {why}. Its connection from {remote} ends")]
    public static partial void CertificateUntaken(this ILogger log, string subject, string serial, EndPoint? remote, string why);

    [LoggerMessage(528, LogLevel.Warning, "Tls:CrlFile has a list of '{issuer}', which is no authority of Tls:ClientCaFile: it counts only if that is one between them and the clients")]
    public static partial void CrlOfStranger(this ILogger log, string issuer);

    [LoggerMessage(529, LogLevel.Error, "{remote} is refused: it has shown a certificate, and the handshake has noted nothing of it")]
    public static partial void CertificateUnknown(this ILogger log, EndPoint? remote);

    [LoggerMessage(523, LogLevel.Warning, "{remote} is refused: {why}; {withheld} more had no line")]
    public static partial void HandshakeRefused(this ILogger log, EndPoint? remote, string why, long withheld);

    [LoggerMessage(524, LogLevel.Warning, "no connection with {remote}: {why}; {withheld} more had no line")]
    public static partial void HandshakeFailed(this ILogger log, EndPoint? remote, string why, long withheld);

    [LoggerMessage(526, LogLevel.Information, "the gateway's certificate '{file}' was renewed; connections go on")]
    public static partial void CertificateRenewed(this ILogger log, string file);

    [LoggerMessage(527, LogLevel.Error, "the gateway's certificate could not be renewed: {why}")]
    public static partial void CertificateNotRenewed(this ILogger log, string why);

    [LoggerMessage(525, LogLevel.Warning, "the certificate '{file}' ends on {until:u}: it has to be renewed")]
    public static partial void CertificateEnds(this ILogger log, string file, DateTime until);
}
