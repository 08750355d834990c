using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Certificates;

/// <summary>
/// The gateway's own certificates: <c>tls</c> in the data folder, mode 700, its files 600. A key and its certificate are in one file, and each file is
/// written beside and takes the place of the old one: whatever happens in between, what is there fits together.
/// </summary>
/// <param name="dataFolder">The gateway's.</param>
internal sealed class CertificateFolder(string dataFolder)
{
    public const string Folder = "tls";

    /// <summary>The authority; behind it, while boards change over, the one before.</summary>
    public const string CaName = "ca.pem";

    /// <summary>The key of the authority that signs, with its certificate.</summary>
    public const string CaKeyName = "ca.key";

    /// <summary>The gateway's certificate with its key; behind it, while boards change over, the authority as the one before vouches for it.</summary>
    public const string CertificateName = "server.pem";

    private readonly string _folder = Path.Combine(dataFolder, Folder);

    /// <summary>There is an authority.</summary>
    public bool Exists => File.Exists(PathOf(CaName));

    /// <summary>There is its key, too.</summary>
    public bool HasKey => File.Exists(PathOf(CaKeyName));

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>The authorities that are trusted: the one that signs now, then, while boards change over, the one before.</summary>
    /// <exception cref="IOException">There is none, or it cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file holds none.</exception>
    public X509Certificate2Collection ReadAuthorities()
    {
        X509Certificate2Collection all = [];
        all.ImportFromPemFile(PathOf(CaName));
        return all.Count > 0 ? all : throw new InvalidDataException($"there is no certificate in '{PathOf(CaName)}'");
    }

    /// <summary>The gateway's certificate, without its key. Throws what <see cref="ReadAuthorities"/> throws.</summary>
    public X509Certificate2 ReadServer()
    {
        X509Certificate2Collection all = [];
        all.ImportFromPemFile(PathOf(CertificateName));
        return all.Count > 0 ? all[0] : throw new InvalidDataException($"there is no certificate in '{PathOf(CertificateName)}'");
    }

    /// <summary>Makes an authority and the gateway's certificate.</summary>
    /// <param name="names">By which clients find the gateway.</param>
    /// <param name="addresses">The same.</param>
    /// <param name="now">The time.</param>
    /// <param name="isRsa">The keys are RSA, also those of all that the authority signs, and of the one after it.</param>
    /// <exception cref="IOException">A file cannot be written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    public void Create(IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now, bool isRsa = false)
    {
        PrivateFile.CreateFolder(dataFolder);
        PrivateFile.CreateOwnFolder(_folder);
        using X509Certificate2 authority = CertificateMaker.CreateAuthority(Environment.MachineName, now, isRsa);
        WriteAuthorities(authority);
        WriteAuthorityKey(authority);
        WriteServer(authority, crossed: null, names, addresses, now);
    }

    /// <summary>A new certificate for the gateway, of the same authority. Throws what <see cref="Create"/> throws, and when the authority's key is gone.</summary>
    public void Renew(IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        using X509Certificate2 authority = ReadAuthority();
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(PathOf(CertificateName));
        WriteServer(authority, chain.Count > 1 ? chain[1] : null, names, addresses, now);
    }

    /// <summary>
    /// A new authority, and a certificate for the gateway that those take, too, who know only the one before: it vouches for the new one. Certificates of
    /// clients that it has signed are good still, until <see cref="Forget"/>.
    /// </summary>
    public void Rotate(IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        using X509Certificate2 before = ReadAuthority();
        using X509Certificate2 authority = CertificateMaker.CreateAuthority(Environment.MachineName, now, CertificateMaker.IsRsa(before));
        using X509Certificate2 crossed = CertificateMaker.CrossSign(authority, before);
        // In this order a power cut leaves a gateway that works: first both are trusted.
        WriteAuthorities(authority, before);
        WriteAuthorityKey(authority);
        WriteServer(authority, crossed, names, addresses, now);
    }

    /// <summary>The authority before is trusted no more.</summary>
    /// <returns>False when there is only one.</returns>
    public bool Forget(IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        if (ReadAuthorities().Count < 2)
            return false;
        using X509Certificate2 authority = ReadAuthority();
        WriteServer(authority, crossed: null, names, addresses, now);
        WriteAuthorities(authority);
        return true;
    }

    /// <summary>A certificate for a client, and its key, as PEM.</summary>
    public (string Certificate, string Key, DateTime Until) CreateClient(string user, DateTimeOffset now)
    {
        using X509Certificate2 authority = ReadAuthority();
        using X509Certificate2 client = CertificateMaker.CreateClient(authority, user, now);
        return (client.ExportCertificatePem() + "\n", KeyOf(client), client.NotAfter.ToUniversalTime());
    }

    /// <summary>What the certificate has, by which clients find the gateway.</summary>
    public static (IReadOnlyList<string> Names, IReadOnlyList<IPAddress> Addresses) NamesOf(X509Certificate2 certificate)
    {
        X509SubjectAlternativeNameExtension? alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return alternatives is null ? ([], []) : ([.. alternatives.EnumerateDnsNames()], [.. alternatives.EnumerateIPAddresses()]);
    }

    private X509Certificate2 ReadAuthority()
    {
        if (!HasKey)
            throw new IOException($"there is no key of the authority, '{PathOf(CaKeyName)}': without it nothing can be signed");
        try
        {
            return X509Certificate2.CreateFromPemFile(PathOf(CaKeyName));
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException($"'{PathOf(CaKeyName)}' is no certificate with its key: {exception.Message}", exception);
        }
    }

    private void WriteAuthorities(params ReadOnlySpan<X509Certificate2> authorities)
    {
        string text = "";
        foreach (X509Certificate2 authority in authorities)
            text += authority.ExportCertificatePem() + "\n";
        Write(CaName, text);
    }

    private void WriteAuthorityKey(X509Certificate2 authority) => Write(CaKeyName, KeyOf(authority) + authority.ExportCertificatePem() + "\n");

    private void WriteServer(X509Certificate2 authority, X509Certificate2? crossed, IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        using X509Certificate2 server = CertificateMaker.CreateServer(authority, names, addresses, now);
        Write(CertificateName, KeyOf(server) + server.ExportCertificatePem() + "\n" + (crossed is null ? "" : crossed.ExportCertificatePem() + "\n"));
    }

    private static string KeyOf(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private void Write(string name, string text) => PrivateFile.Replace(PathOf(name), file => file.Write(System.Text.Encoding.ASCII.GetBytes(text)));
}
