using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMqtt.Gateway.Security;

/// <summary>A stored password: <c>pbkdf2-sha256:ITERATIONS:SALT:HASH</c> with salt and hash in Base64, or the password itself.</summary>
internal static class PasswordHash
{
    private const string Scheme = "pbkdf2-sha256";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>
    /// Chosen for the passwords that <c>device add</c> makes, which nobody can guess (192 bits): some milliseconds on a Raspberry Pi, for each of
    /// its boards once after a start.
    /// </summary>
    private const int Iterations = 10_000;

    private const int IterationsMax = 10_000_000;

    /// <summary>
    /// For a password that a person has chosen, which others may guess: what OWASP recommends for PBKDF2 with SHA-256, about half a second
    /// on a Raspberry Pi.
    /// </summary>
    public const int IterationsOfPeople = 600_000;

    public static string Create(string password, int iterations = Iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(iterations, salt, Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes));
    }

    /// <summary>Takes as long to compare with as one that <see cref="Create"/> made, and is nobody's.</summary>
    public static string CreateOfNobody(int iterations = Iterations) => Format(iterations, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    private static string Format(int iterations, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}:{iterations}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(hash)}");

    /// <summary>The stored text is a hash, or begins like one: to compare it takes long.</summary>
    public static bool IsHash(string stored) => stored.StartsWith(Scheme + ":", StringComparison.Ordinal);

    /// <summary>Whether the password is the stored one. A stored text that begins like a hash and is none fits no password.</summary>
    public static bool Fits(string stored, ReadOnlySpan<byte> password)
    {
        // In the same time whether the first or the last byte differs.
        return IsHash(stored)
            ? FitsHash(stored.Split(':'), password)
            : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(stored), password);
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
