using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// A stored password: <c>pbkdf2-sha256:ITERATIONS:SALT:HASH</c> with salt and hash in Base64, or the password itself. What a password was found
/// right against is remembered as a plain SHA-256, so that a site whose devices reconnect all at once does not pay for each.
/// </summary>
internal sealed class PasswordHash
{
    private const string Scheme = "pbkdf2-sha256";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>
    /// Chosen for the passwords that <c>device add</c> makes, which nobody can guess (192 bits): the check holds up every other client while it
    /// runs, and takes some milliseconds on a Raspberry Pi.
    /// </summary>
    private const int Iterations = 10_000;

    private const int IterationsMax = 10_000_000;

    private readonly Dictionary<string, byte[]> _verified = new(StringComparer.Ordinal);

    public static string Create(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"{Scheme}:{Iterations}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(hash)}");
    }

    /// <summary>Whether the password is the stored one. A stored text that begins like a hash and is none fits no password.</summary>
    public bool Fits(string stored, ReadOnlySpan<byte> password)
    {
        // In the same time whether the first or the last byte differs.
        if (!stored.StartsWith(Scheme + ":", StringComparison.Ordinal))
            return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(stored), password);
        byte[] digest = SHA256.HashData(password);
        if (_verified.TryGetValue(stored, out byte[]? before) && CryptographicOperations.FixedTimeEquals(before, digest))
            return true;
        if (!FitsHash(stored.Split(':'), password))
            return false;
        _verified[stored] = digest;
        return true;
    }

    private static bool FitsHash(string[] parts, ReadOnlySpan<byte> password)
    {
        Span<byte> salt = stackalloc byte[64];
        Span<byte> expected = stackalloc byte[64];
        if (parts.Length != 4
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations)
            || iterations is < 1 or > IterationsMax
            || !Convert.TryFromBase64String(parts[2], salt, out int saltBytes)
            || !Convert.TryFromBase64String(parts[3], expected, out int hashBytes)
            || hashBytes != HashBytes)
            return false;
        Span<byte> hash = stackalloc byte[HashBytes];
        Rfc2898DeriveBytes.Pbkdf2(password, salt[..saltBytes], hash, iterations, HashAlgorithmName.SHA256);
        return CryptographicOperations.FixedTimeEquals(hash, expected[..hashBytes]);
    }
}
