using System.Diagnostics.CodeAnalysis;
using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Finds out outside the turn whether a password is right: a hash takes milliseconds, in which nobody else would be served.
/// <list type="bullet">
/// <item>So many wait at once, and a quarter of them for one address; the last tenth is for those that have few. Whoever comes then is refused for the moment. Addresses take turns.</item>
/// <item>Each takes one hash, also for a name that nobody has: the time does not tell which names there are.</item>
/// <item>After wrong passwords the next login of that address, or for that name, waits before it is worked out.</item>
/// <item>What was right is remembered, and never waits.</item>
/// </list>
/// Safe from any thread.
/// </summary>
/// <param name="limits">How many, and how long.</param>
/// <param name="time">For the waiting.</param>
/// <param name="check">Compares a password with a hash.</param>
internal sealed class Logins(GatewayLimits limits, TimeProvider time, PasswordCheck check) : IDisposable
{
    private const int AddressShare = 4;
    private readonly Lock _lock = new();
    private readonly LoginThreads _threads = new(check);
    private readonly RememberedLogins _remembered = new(limits.LoginsRememberedMax);
    private readonly WrongPasswords _ofAddress = new(limits.LoginFailuresMax, limits.LoginDelayMsMax);
    private readonly WrongPasswords _ofName = new(limits.LoginFailuresMax, limits.LoginDelayMsMax);
    private readonly Dictionary<ulong, int> _waitingOf = [];
    private UserTable? _users;
    private int _waiting;

    // Nobody's password: what a name that nobody has is compared with. Made when the first one asks: the library behind it takes
    // 6 MB and 10 ms, which a gateway without users never needs.
    private readonly Lazy<string> _nobodys = new(static () => PasswordHash.CreateOfNobody());

    /// <summary>Logins that wait, or are worked out.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The password was right before.</summary>
    public bool IsRemembered(string userName, string stored, ReadOnlySpan<byte> password)
    {
        lock (_lock)
            return _remembered.Contains(userName, stored, password);
    }

    /// <summary>Users have changed: forgets those that are gone or have another password.</summary>
    /// <param name="users">As they are now; nothing is done where these are the ones of the last call.</param>
    public void UsersAre(UserTable users)
    {
        lock (_lock)
        {
            if (ReferenceEquals(users, _users))
                return;
            _users = users;
            _remembered.KeepOnly(name => users.Find(name)?.Password);
        }
    }

    /// <summary>Begins to find out whether the password is right.</summary>
    /// <param name="userName">Who says to connect.</param>
    /// <param name="stored">What is stored for that name; null when there is no such user.</param>
    /// <param name="password">As the client sent it.</param>
    /// <param name="remote">Where it connects from.</param>
    /// <param name="isRight">Completes with whether it is.</param>
    /// <returns>False when as many wait as may, or as may of that address.</returns>
    public bool TryBegin(string userName, string? stored, byte[] password, EndPoint? remote, [NotNullWhen(true)] out Task<bool>? isRight)
    {
        ulong address = AddressKey.Of(remote);
        ulong name = (uint)userName.GetHashCode(StringComparison.Ordinal); // another for each process, so that nobody can make two that are the same
        int delayMs;
        lock (_lock)
        {
            int ofAddress = _waitingOf.GetValueOrDefault(address);
            isRight = null;
            if (_waiting >= limits.LoginsWaitingMax - Account.KeptFrom(ofAddress + 1, limits.LoginsWaitingMax) || ofAddress >= Math.Max(1, limits.LoginsWaitingMax / AddressShare))
                return false;
            _waiting++;
            _waitingOf[address] = ofAddress + 1;
            long now = NowMs();
            delayMs = Math.Max(_ofAddress.DelayMs(address, now), _ofName.DelayMs(name, now));
        }

        isRight = WorkOutAsync(userName, stored, password, address, name, delayMs);
        return true;
    }

    public void Dispose() => _threads.Dispose();

    private async Task<bool> WorkOutAsync(string userName, string? stored, byte[] password, ulong address, ulong name, int delayMs)
    {
        bool isRight = false;
        try
        {
            if (delayMs > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(delayMs), time).ConfigureAwait(false);
            // Others of this user may have been worked out meanwhile.
            isRight = stored is not null && IsRemembered(userName, stored, password);
            if (!isRight)
            {
                bool hasHash = stored is not null && PasswordHash.IsHash(stored);
                isRight = await _threads.CheckAsync(address, hasHash ? stored! : _nobodys.Value, password).ConfigureAwait(false) && hasHash;
            }
        }
        finally
        {
            lock (_lock)
                Settle(userName, stored, password, address, name, isRight);
        }

        return isRight;
    }

    private void Settle(string userName, string? stored, byte[] password, ulong address, ulong name, bool isRight)
    {
        _waiting--;
        if (--_waitingOf[address] == 0)
            _ = _waitingOf.Remove(address);
        if (isRight)
        {
            if (!_remembered.Contains(userName, stored!, password))
                _remembered.Add(userName, stored!, password);
            return;
        }

        _ofAddress.Add(address, NowMs());
        _ofName.Add(name, NowMs());
    }

    private long NowMs() => (long)time.GetElapsedTime(0).TotalMilliseconds;
}
