using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Web;

/// <summary>Who may log in to the console: its own people (<see cref="ConsoleFile"/>), and users of the settings whose role is operator.</summary>
internal sealed class Accounts(SecurityOptions security, ConsoleFile file, Logins logins, TimeProvider time)
{
    /// <summary>Characters of a password at least.</summary>
    public const int PasswordCharsMin = 8;

    /// <summary>Characters of a name or password at most.</summary>
    public const int CharsMax = 128;

    private const string KeyMark = "dmk_";
    private const int KeyBytes = 24;

    // Nobody's password: a name that nobody has takes as long as one that somebody has.
    private readonly Lazy<string> _nobodys = new(static () => PasswordHash.CreateOfNobody(PasswordHash.IterationsOfPeople));

    public ConsoleFile File => file;

    /// <summary>There is somebody who may change things. Until then nothing is open.</summary>
    public bool HasOperator => file.Users.Any(static u => u.Role == ConsoleRole.Operator) || security.Roles.Any(r => IsOperator(r.Value) && security.Users.ContainsKey(r.Key));

    /// <summary>Why a name cannot be one; null when it can.</summary>
    public static string? WrongName(string name) =>
        name.Length is 0 or > CharsMax ? $"a name has 1 to {CharsMax} characters"
        : name.Any(static c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format) ? "a name has no control characters"
        : null;

    /// <summary>Why a password cannot be one; null when it can.</summary>
    public static string? WrongPassword(string password) =>
        password.Length is < PasswordCharsMin or > CharsMax ? $"a password has {PasswordCharsMin} to {CharsMax} characters" : null;

    /// <summary>Finds out whether a password is right; slowed down as logins of MQTT clients are, with which it shares its bounds.</summary>
    /// <returns>The role; null when it is not right. The flag: too many logins wait, come again.</returns>
    public async Task<(ConsoleRole? Role, bool IsBusy)> LogInAsync(string name, string password, EndPoint? remote)
    {
        (string? stored, ConsoleRole role) = Find(name);
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        // A password in the settings that is not hashed is compared as it is, and takes the time of a hash all the same.
        bool isPlain = stored is not null && !PasswordHash.IsHash(stored);
        if (!logins.TryBegin("console " + name, isPlain ? _nobodys.Value : stored ?? _nobodys.Value, bytes, remote, out Task<bool>? login))
            return (null, true);
        bool isRight = await login.ConfigureAwait(false);
        if (isPlain)
            isRight = PasswordHash.Fits(stored!, bytes);
        // It may have been changed meanwhile.
        return (isRight && stored is not null && Find(name).Stored == stored ? role : null, false);
    }

    /// <summary>A person of the console, with a password.</summary>
    /// <returns>Why it cannot be; null when it is done.</returns>
    public string? SetUser(string name, ConsoleRole role, string password) =>
        WrongName(name) ?? WrongPassword(password) ?? file.SetUser(new ConsoleUser(name, role, PasswordHash.Create(password, PasswordHash.IterationsOfPeople), NowMs()));

    /// <summary>A new key for the API.</summary>
    /// <returns>The key, which nobody sees again; or why there is none.</returns>
    public (string? Key, string? Wrong) AddKey(string name, ConsoleRole role)
    {
        string key = KeyMark + Convert.ToHexString(RandomNumberGenerator.GetBytes(KeyBytes)).ToLowerInvariant();
        string? wrong = WrongName(name) ?? file.SetKey(new ConsoleUser(name, role, HashOf(key), NowMs()));
        return wrong is null ? (key, null) : (null, wrong);
    }

    /// <summary>Whose key it is; null when it is nobody's. A key has 192 random bits: it needs no slow hash.</summary>
    public ConsoleUser? FindKey(string key)
    {
        if (!key.StartsWith(KeyMark, StringComparison.Ordinal))
            return null;
        byte[] hash = Encoding.ASCII.GetBytes(HashOf(key));
        return file.Keys.FirstOrDefault(k => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(k.Stored), hash));
    }

    private static bool IsOperator(string? role) => Security.Rights.Roles.Operator.Equals(role, StringComparison.OrdinalIgnoreCase);

    private (string? Stored, ConsoleRole Role) Find(string name)
    {
        if (security.Users.TryGetValue(name, out string? stored) && IsOperator(security.Roles.GetValueOrDefault(name)))
            return (stored, ConsoleRole.Operator);
        return file.FindUser(name) is { } user ? (user.Stored, user.Role) : (null, default);
    }

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
