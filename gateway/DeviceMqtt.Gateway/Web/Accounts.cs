using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Web;

/// <summary>Who may log in to the console: the users of the gateway whose role says so (<see cref="ConsoleRights"/>), and programs with a key.</summary>
/// <param name="directory">The users and roles.</param>
/// <param name="users">Those of them that can be changed here.</param>
/// <param name="keys">The keys.</param>
/// <param name="logins">Compares passwords, within the bounds of MQTT logins.</param>
/// <param name="time">For when a key was made.</param>
internal sealed class Accounts(UserDirectory directory, UserFile users, KeyFile keys, Logins logins, TimeProvider time)
{
    /// <summary>Characters of a name or password at most.</summary>
    public const int CharsMax = 128;

    private const string KeyMark = "dmk_";
    private const int KeyBytes = 24;

    // Nobody's password: a name that nobody has takes as long as one that somebody has.
    private readonly Lazy<string> _nobodys = new(static () => PasswordHash.CreateOfNobody(PasswordHash.IterationsOfPeople));
    private (UserTable Of, bool Has)? _hasOperator;

    /// <summary>The users and roles as they are now.</summary>
    public UserTable Users => directory.Now();

    /// <summary>Those that can be changed; throws what <see cref="UserFile.Set(string, UserEntry)"/> throws.</summary>
    public UserFile File => users;

    public KeyFile Keys => keys;

    /// <summary>There is somebody who may change things. Until then nothing is open.</summary>
    public bool HasOperator
    {
        get
        {
            UserTable now = Users;
            if (_hasOperator is { } known && ReferenceEquals(known.Of, now))
                return known.Has;
            bool has = now.All.Any(u => IsOperator(now, u.Value));
            _hasOperator = (now, has);
            return has;
        }
    }

    /// <summary>Why somebody cannot have a password; null when it can.</summary>
    public static string? WrongPassword(string password) => password.Length is < PasswordHash.TypedCharactersMin or > CharsMax
        ? $"a password has {PasswordHash.TypedCharactersMin} to {CharsMax} characters" : null;

    /// <summary>What a user may do now; null for nothing.</summary>
    /// <param name="user">Who.</param>
    /// <param name="stamp">Of the user when it came in: whoever has another password or role since has to come in anew.</param>
    public ConsoleRole? RoleOf(string user, string stamp)
    {
        UserTable now = Users;
        return now.Find(user) is { } entry && now.StampOf(user) == stamp ? ConsoleRights.Of(now.FindRole(entry.Role)) : null;
    }

    /// <summary>Finds out whether a password is right; slowed down as logins of MQTT clients are, with which it shares its bounds.</summary>
    /// <param name="name">Of the user.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="gone">Whoever asks has gone.</param>
    /// <returns>The role and the stamp of the user; null when it does not get in. The flag: too many logins wait, come again.</returns>
    public async Task<((ConsoleRole Role, string Stamp)? In, bool IsBusy)> LogInAsync(string name, string password, EndPoint? remote, CancellationToken gone)
    {
        UserTable before = Users;
        string? stored = before.Find(name) is { Password: { } known } entry && ConsoleRights.Of(before.FindRole(entry.Role)) is not null ? known : null;
        string? stamp = before.StampOf(name);
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        // A password in the settings that is not hashed is compared as it is, and takes the time of a hash all the same.
        bool isPlain = stored is not null && !PasswordHash.IsHash(stored);
        // Who has been in since the start comes in at once, as over MQTT, however many others wait.
        bool isRight = stored is not null && !isPlain && logins.IsRemembered(name, stored, bytes);
        if (!isRight)
        {
            if (!logins.TryBegin(name, isPlain ? _nobodys.Value : stored ?? _nobodys.Value, bytes, remote, out Task<LoginOutcome>? login, isPlain ? PasswordHash.Fits(stored!, bytes) : null))
                return (null, true);
            // The login goes on where its client has gone: that it was wrong counts.
            await ((Task)login).WaitAsync(gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            LoginOutcome outcome = gone.IsCancellationRequested ? LoginOutcome.Busy : await login.ConfigureAwait(false);
            if (outcome == LoginOutcome.Busy)
                return (null, true);
            isRight = outcome == LoginOutcome.Right;
        }

        return (isRight && stored is not null && stamp is not null && RoleOf(name, stamp) is { } role ? (role, stamp) : null, false);
    }

    /// <summary>A new key for the API.</summary>
    /// <returns>The key, which nobody sees again; or why there is none.</returns>
    public (string? Key, string? Wrong) AddKey(string name, string role)
    {
        if (ConsoleRights.Of(Users.FindRole(role)) is null)
            return (null, $"the role of a key is {Roles.Operator} or {Roles.Monitor}");
        string key = KeyMark + Convert.ToHexString(RandomNumberGenerator.GetBytes(KeyBytes)).ToLowerInvariant();
        string? wrong = UserName.Check(name) ?? keys.Add(new ApiKey(name, role, HashOf(key), time.GetUtcNow().ToUnixTimeMilliseconds()));
        return wrong is null ? (key, null) : (null, wrong);
    }

    /// <summary>Whose key it is, and what it may do. A key has 192 random bits: it needs no slow hash.</summary>
    public bool TryFindKey(string text, [NotNullWhen(true)] out ApiKey? key, out ConsoleRole role)
    {
        (key, role) = (null, default);
        if (!text.StartsWith(KeyMark, StringComparison.Ordinal))
            return false;
        byte[] hash = Encoding.ASCII.GetBytes(HashOf(text));
        key = keys.Keys.FirstOrDefault(k => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(k.Hash), hash));
        if (key is null || ConsoleRights.Of(Users.FindRole(key.Role)) is not { } known)
            return false;
        role = known;
        return true;
    }

    /// <summary>Without this user nobody could change anything any more.</summary>
    public bool IsLastOperator(string name) => IsLastOperator(Users, name);

    /// <summary>The same as a rule for a change: two operators that take each other away at once are not both heard.</summary>
    public string? WhyNotLast(IReadOnlyDictionary<string, UserEntry> users, string name) => IsLastOperator(directory.With(users), name) ? "this is the only operator: make another one first" : null;

    private static bool IsLastOperator(UserTable now, string name) =>
        now.Find(name) is { } user && IsOperator(now, user) && now.All.Count(u => IsOperator(now, u.Value)) == 1;

    private static bool IsOperator(UserTable users, UserEntry user) => user.Password is not null && ConsoleRights.Of(users.FindRole(user.Role)) == ConsoleRole.Operator;

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
