using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>
/// The PEM files of the settings. They are read again when they change: handshakes from then on get the new ones, and connections go on as they are, except
/// those whose certificate is not taken any more (<see cref="CertifiedClients"/>). Files that cannot be used change nothing, and the log says so.
/// </summary>
internal sealed class TlsFiles
{
    /// <summary>Looks at files that cannot be used until the log says so again. Chosen: ten minutes, as <see cref="TlsWatch"/> looks.</summary>
    public const int QuietLooks = 300;

    private readonly Lock _lock = new();
    private volatile TlsOptions _options;
    private readonly ILogger _log;
    private readonly string _certificate;
    private readonly string _key;
    private readonly string _clientCa;
    private string? _said; // what was wrong with the files at the last look
    private int _quiet; // looks until it is said again
    private volatile TlsState _current;

    /// <exception cref="SettingException">A file is missing or cannot be used; says which and why.</exception>
    public TlsFiles(TlsOptions options, string? dataFolder, ILogger log)
    {
        _options = options;
        _log = log;
        bool isOwn = options.CertificateFile.Length == 0;
        if (isOwn && dataFolder is null)
            throw new SettingException("Listen or Http wants TLS, and there is no certificate: Tls:CertificateFile names one");
        string folder = dataFolder is null ? "" : Path.Combine(dataFolder, CertificateFolder.Folder);
        _certificate = isOwn ? Path.Combine(folder, CertificateFolder.CertificateName) : options.CertificateFile;
        _key = isOwn ? _certificate : options.KeyFile.Length > 0 ? options.KeyFile : options.CertificateFile;
        _clientCa = options.ClientCaFile.Length > 0 ? options.ClientCaFile : Path.Combine(folder, CertificateFolder.CaName);
        if (isOwn && !File.Exists(_certificate))
            throw new SettingException($"Listen or Http wants TLS, and there is no certificate '{_certificate}': 'cert init' makes one, or Tls:CertificateFile names one");
        try
        {
            _current = Read(options);
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw new SettingException($"the files of section Tls cannot be used: {exception.Message}");
        }
    }

    /// <summary>What handshakes get now.</summary>
    public TlsState Current => _current;

    /// <summary>The settings that are in use.</summary>
    public TlsOptions Options => _options;

    /// <summary>Where the certificate is that is in use.</summary>
    public string CertificatePath => _certificate;

    /// <summary>Reads all files as other settings say. Changes nothing yet: <see cref="Use"/> does.</summary>
    /// <param name="others">With the certificate and the mode of those that are in use.</param>
    /// <exception cref="SettingException">A file is missing or cannot be used; says which and why.</exception>
    public TlsState Prepare(TlsOptions others)
    {
        try
        {
            return Read(others);
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw new SettingException($"the files of section Tls cannot be used: {exception.Message}");
        }
    }

    /// <summary>Handshakes get what <see cref="Prepare"/> has read from now on.</summary>
    public void Use(TlsOptions others, TlsState state)
    {
        lock (_lock)
        {
            _options = others;
            state.Follow(_current);
            _current = state; // with what it was read from: what changed since is seen at the next look
        }
    }

    /// <summary>
    /// Looks whether a file has changed, and reads all of them if so. Files that could not be used are tried with each look: one whose mode was wrong has the same time and length when it is
    /// put right.
    /// </summary>
    /// <returns>True when handshakes get something new from now on, or an authority that is missing is missing still (<see cref="TlsState.TrySettle"/>).</returns>
    public bool Look()
    {
        lock (_lock)
        {
            if (Fingerprint(_options) == _current.Seen)
            {
                _said = null;
                return _current.TrySettle();
            }

            try
            {
                TlsState read = Read(_options);
                read.Follow(_current);
                _current = read;
                _said = null;
                _log.TlsFilesRead(_current.Certificate.Subject, _current.Certificate.NotAfter.ToUniversalTime(), _current.Revoked.Count);
                return true;
            }
            catch (Exception exception) when (IsOfFiles(exception))
            {
                SayWrong(exception.Message);
                return false;
            }
        }
    }

    private void SayWrong(string why)
    {
        if (why == _said && --_quiet > 0)
            return;
        (_said, _quiet) = (why, QuietLooks);
        _log.TlsFilesWrong(why);
    }

    private static bool IsOfFiles(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or InvalidDataException or ArgumentException;

    private TlsState Read(TlsOptions options)
    {
        string seen = Fingerprint(options); // before reading: what is written meanwhile is another one
        X509Certificate2 own = ReadOwn();
        X509Certificate2Collection between = [];
        between.ImportFromPemFile(_certificate);
        between.RemoveAt(0); // its own
        X509Certificate2Collection authorities = [];
        if (options.ClientCertificates != ClientCertificates.None)
        {
            authorities.ImportFromPemFile(_clientCa);
            if (authorities.Count == 0)
                throw new InvalidDataException($"there is no certificate in '{_clientCa}'");
        }

        RevokedCertificates revoked = new(options.RevokedSerials, options.CrlFile);
        HashSet<string> known = [.. authorities.Select(static authority => CertificateId.NameOf(authority.SubjectName.RawData))];
        foreach ((string name, string issuer) in revoked.Issuers)
            if (!known.Contains(name))
                _log.CrlOfStranger(issuer);
        return new TlsState(own, between, options.ClientCertificates, authorities, revoked) { Seen = seen };
    }

    private X509Certificate2 ReadOwn()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(_certificate, _key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"'{_certificate}' and '{_key}' are no certificate with its key: {exception.Message}", exception);
        }
    }

    // What tells that a file is another one: what it holds. Its time and its size may be those of the one before (cp -p, rsync -t).
    private string Fingerprint(TlsOptions options) => string.Join('|', ((string[])[_certificate, _key, _clientCa, options.CrlFile]).Select(static file =>
    {
        if (file.Length == 0)
            return "";
        try
        {
            using FileStream content = File.OpenRead(file);
            return Convert.ToHexString(SHA256.HashData(content));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "none"; // reading them says why
        }
    }));
}
