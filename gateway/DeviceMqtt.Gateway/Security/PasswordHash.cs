using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// A stored password: <c>pbkdf2-sha256:ITERATIONS:SALT:HASH</c> with salt and hash in Base64, one of mosquitto's password files
/// (<c>$7$ITERATIONS$SALT$HASH</c>, PBKDF2 with SHA-512, and <c>$6$SALT$HASH</c>, SHA-512 of password and salt), or the password itself.
/// </summary>
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

    private const int IterationsMax = 1_000_000; // chosen: half a second

    /// <summary>
    /// For a password that a person has chosen, which others may guess: what OWASP recommends for PBKDF2 with SHA-256, about half a second
    /// on a Raspberry Pi.
    /// </summary>
    public const int IterationsOfPeople = 600_000;

    /// <summary>Characters of a password that a person has typed, at least. Chosen: it is guessed, if at all, against the delays of <see cref="Logins"/>.</summary>
    public const int TypedCharactersMin = 10;

    public static string Create(string password, int iterations = Iterations) => Create(Encoding.UTF8.GetBytes(password), iterations);

    /// <inheritdoc cref="Create(string, int)"/>
    public static string Create(ReadOnlySpan<byte> password, int iterations = Iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(iterations, salt, Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashBytes));
    }

    /// <summary>Takes as long to compare with as one that <see cref="Create(string, int)"/> made, and is nobody's.</summary>
    public static string CreateOfNobody(int iterations = Iterations) => Format(iterations, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    private static string Format(int iterations, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Scheme}:{iterations}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(hash)}");

    /// <summary>The stored text is a hash, or begins like one: to compare it takes long.</summary>
    public static bool IsHash(string stored) => stored.StartsWith(Scheme + ":", StringComparison.Ordinal) || IsForeign(stored);

    /// <summary>To compare it takes much longer than one of a board.</summary>
    public static bool IsLong(string stored) => IterationsOf(stored) > 2 * Iterations;

    /// <summary>Rounds that it takes to compare with it: as many as of a board's where it is no hash, or does not say.</summary>
    public static int IterationsOf(string stored) =>
        IsHash(stored) && stored.Split(IsForeign(stored) ? '$' : ':') is { Length: > 2 } parts
        && int.TryParse(parts[IsForeign(stored) ? 2 : 1], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) ? iterations : Iterations;

    /// <summary>It is one of mosquitto's: to be replaced by one of ours when its user has logged in.</summary>
    public static bool IsForeign(string stored) => stored.StartsWith("$6$", StringComparison.Ordinal) || stored.StartsWith("$7$", StringComparison.Ordinal);

    /// <summary>The text is a hash that a password can fit.</summary>
    public static bool IsSound(string stored) => IsForeign(stored)
        ? TryParseForeign(stored, out _, out _, out _)
        : stored.Split(':') is [Scheme, var iterations, var salt, var hash] && TryParse(iterations, salt, hash, stackalloc byte[64], stackalloc byte[64], out _, out _);

    /// <summary>Whether the password is the stored one. A stored text that begins like a hash and is none fits no password.</summary>
    public static bool Fits(string stored, ReadOnlySpan<byte> password)
    {
        // In the same time whether the first or the last byte differs.
        if (!IsHash(stored))
            return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(stored), password);
        return IsForeign(stored) ? FitsForeign(stored, password) : FitsHash(stored.Split(':'), password);
    }

    private static bool FitsHash(string[] parts, ReadOnlySpan<byte> password)
    {
        Span<byte> salt = stackalloc byte[64];
        Span<byte> expected = stackalloc byte[64];
        if (parts.Length != 4 || !TryParse(parts[1], parts[2], parts[3], salt, expected, out int iterations, out int saltBytes))
            return false;
        Span<byte> hash = stackalloc byte[HashBytes];
        Rfc2898DeriveBytes.Pbkdf2(password, salt[..saltBytes], hash, iterations, HashAlgorithmName.SHA256);
        return CryptographicOperations.FixedTimeEquals(hash, expected[..HashBytes]);
    }

    private static bool TryParse(string rounds, string saltText, string hashText, Span<byte> salt, Span<byte> hash, out int iterations, out int saltBytes)
    {
        saltBytes = 0;
        return int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            && iterations is >= 1 and <= IterationsMax
            && Convert.TryFromBase64String(saltText, salt, out saltBytes)
            && Convert.TryFromBase64String(hashText, hash, out int hashBytes)
            && hashBytes == HashBytes;
    }

    private static bool FitsForeign(string stored, ReadOnlySpan<byte> password)
    {
        if (!TryParseForeign(stored, out int iterations, out byte[] salt, out byte[] expected))
            return false;
        // mosquitto's hashes are cheap: what is missing to one of ours is worked out too, or the time would tell that there is this name.
        _ = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, HashBytes);
        byte[] hash = iterations == 0
            ? SHA512.HashData([.. password, .. salt])
            : Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, expected.Length);
        return CryptographicOperations.FixedTimeEquals(hash, expected);
    }

    // Iterations are 0 for $6$.
    private static bool TryParseForeign(string stored, out int iterations, out byte[] salt, out byte[] hash)
    {
        iterations = 0;
        (salt, hash) = ([], []);
        string[] parts = stored.Split('$');
        bool hasIterations = stored.StartsWith("$7$", StringComparison.Ordinal);
        if (parts.Length != (hasIterations ? 5 : 4)
            || (hasIterations && (!int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out iterations) || iterations is < 1 or > IterationsMax)))
            return false;
        Span<byte> saltRoom = stackalloc byte[64];
        Span<byte> hashRoom = stackalloc byte[64];
        if (!Convert.TryFromBase64String(parts[^2], saltRoom, out int saltBytes) || !Convert.TryFromBase64String(parts[^1], hashRoom, out int hashBytes) || hashBytes != SHA512.HashSizeInBytes || saltBytes == 0)
            return false;
        (salt, hash) = (saltRoom[..saltBytes].ToArray(), hashRoom.ToArray());
        return true;
    }
}
