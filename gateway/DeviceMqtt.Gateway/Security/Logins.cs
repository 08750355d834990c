using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Numerics;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Finds out outside the turn whether a password is right: a hash takes milliseconds, in which nobody else would be served.
/// <list type="bullet">
/// <item>So many wait at once, and a quarter of them for one address; the last tenth is for those that have few.</item>
/// <item>Those go first whose address has got in, and has sent no wrong password for a while; those go last whose address has sent many. Among equals networks take turns, and
/// in a network addresses.</item>
/// <item>When as many wait as may, one of a worse address has to go for the newcomer, and may come again; one that has waited for as long as a CONNECT may, too.</item>
/// <item>Each takes one hash, also for a name that nobody has: of as many rounds as that of somebody there is, the same one each time. So the time does not tell which names there are.</item>
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
    private const int RankOfManyFailures = 4; // eight wrong passwords and more
    private readonly Lock _lock = new();
    private readonly LoginThreads _threads = new(check, time);
    private readonly RememberedLogins _remembered = new(limits.LoginsRememberedMax);
    private readonly WrongPasswords _ofAddress = new(limits.LoginFailuresMax, limits.LoginDelayMsMax);
    private readonly WrongPasswords _ofName = new(limits.LoginFailuresMax, limits.LoginDelayMsMax);
    private readonly HashSet<UInt128> _hadRight = []; // addresses that have got in; as many as those that are counted for wrong passwords
    private readonly Dictionary<UInt128, List<WaitingLogin>> _waitingOf = [];
    private readonly Dictionary<UInt128, int> _waitingOfNetwork = [];
    private UserTable? _users;
    private int _waiting;

    // Nobody's passwords, by their rounds: what a name that nobody has is compared with. Made when the first one asks: the library behind it takes
    // 6 MB and 10 ms, which a gateway without users never needs.
    private readonly Dictionary<int, string> _nobodys = [];
    private int[] _rounds = []; // of each user's hash

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
            _rounds = [.. users.All.Values.Where(static user => user.Password is not null).Select(static user => PasswordHash.IterationsOf(user.Password!))];
            _nobodys.Clear();
            _remembered.KeepOnly(name => users.Find(name)?.Password);
        }
    }

    /// <summary>Begins to find out whether the password is right.</summary>
    /// <param name="userName">Who says to connect.</param>
    /// <param name="stored">What is stored for that name; null when there is no such user.</param>
    /// <param name="password">As the client sent it.</param>
    /// <param name="remote">Where it connects from.</param>
    /// <param name="outcome">Completes with whether it is.</param>
    /// <param name="known">Whether it is right, where that needs no hash: one is worked out all the same, for its time.</param>
    /// <returns>False when as many wait as may, or as may of that address.</returns>
    public bool TryBegin(string userName, string? stored, byte[] password, EndPoint? remote, [NotNullWhen(true)] out Task<LoginOutcome>? outcome, bool? known = null)
    {
        UInt128 address = AddressKey.Of(remote);
        UInt128 name = (uint)userName.GetHashCode(StringComparison.Ordinal); // another for each process, so that nobody can make two that are the same
        bool hasHash = stored is not null && PasswordHash.IsHash(stored);
        WaitingLogin login;
        int delayMs;
        lock (_lock)
        {
            outcome = null;
            if (!TryMakeRoom(address))
                return false;
            long now = time.MonotonicMs();
            login = new WaitingLogin(hasHash ? stored! : NobodysFor(stored, name), password, address, now + (limits.ConnectSecondsMax * 1000L));
            Enter(login);
            delayMs = Math.Max(_ofAddress.DelayMs(address, now), _ofName.DelayMs(name, now));
            if (delayMs > 0)
                login.Delay = time.CreateTimer(_ => WorkOut(login, userName, stored), null, TimeSpan.FromMilliseconds(delayMs), Timeout.InfiniteTimeSpan);
        }

        outcome = FinishAsync(login, userName, hasHash ? stored : null, name, known);
        if (delayMs <= 0)
            WorkOut(login, userName, stored);
        return true;
    }

    // People have sixty times the rounds of boards.
    private string NobodysFor(string? stored, UInt128 name)
    {
        int rounds = stored is null && _rounds.Length > 0 ? _rounds[(int)(name % (UInt128)_rounds.Length)] : PasswordHash.IterationsOf(stored ?? "");
        if (!_nobodys.TryGetValue(rounds, out string? nobodys))
            _nobodys.Add(rounds, nobodys = PasswordHash.CreateOfNobody(rounds));
        return nobodys;
    }

    public void Dispose()
    {
        _threads.Dispose();
        lock (_lock)
            foreach (WaitingLogin login in _waitingOf.Values.SelectMany(static logins => logins))
                if (login.Delay is not null)
                    _ = login.Done.TrySetCanceled();
    }

    // Its delay is over.
    private void WorkOut(WaitingLogin login, string userName, string? stored)
    {
        lock (_lock)
        {
            login.Delay?.Dispose();
            login.Delay = null;
            if (login.Done.Task.IsCompleted)
                return;
            // Others of this user may have been worked out meanwhile.
            if (stored is not null && _remembered.Contains(userName, stored, login.Password))
                _ = login.Done.TrySetResult(LoginOutcome.Right);
            else
                _threads.Add(login, RankOf(login.Address, time.MonotonicMs()));
        }
    }

    private async Task<LoginOutcome> FinishAsync(WaitingLogin login, string userName, string? stored, UInt128 name, bool? known)
    {
        LoginOutcome outcome = LoginOutcome.Busy;
        try
        {
            outcome = await login.Done.Task.ConfigureAwait(false);
            if (outcome != LoginOutcome.Busy)
                outcome = known ?? (outcome == LoginOutcome.Right && stored is not null) ? LoginOutcome.Right : LoginOutcome.Wrong;
        }
        finally
        {
            lock (_lock)
            {
                Leave(login);
                if (outcome != LoginOutcome.Busy)
                    Settle(userName, known is null ? stored : null, login, name, outcome == LoginOutcome.Right);
            }
        }

        return outcome;
    }

    private void Settle(string userName, string? stored, WaitingLogin login, UInt128 name, bool isRight)
    {
        if (isRight)
        {
            if (stored is not null && !_remembered.Contains(userName, stored, login.Password))
                _remembered.Add(userName, stored, login.Password);
            if (_hadRight.Count >= limits.LoginFailuresMax && !_hadRight.Contains(login.Address))
                _hadRight.Clear();
            _ = _hadRight.Add(login.Address);
        }
        else
        {
            _ofAddress.Add(login.Address, time.MonotonicMs());
            _ofName.Add(name, time.MonotonicMs());
        }

        _threads.Rank(login.Address, RankOf(login.Address, time.MonotonicMs()));
    }

    // 0 is the best: it has got in before. One more for each doubling of its wrong passwords.
    private int RankOf(UInt128 address, long nowMs) =>
        Math.Min(RankOfManyFailures, (sizeof(uint) * 8) - BitOperations.LeadingZeroCount((uint)_ofAddress.CountOf(address, nowMs))) + (_hadRight.Contains(address) ? 0 : 1);

    private bool TryMakeRoom(UInt128 address)
    {
        int ofAddress = _waitingOf.GetValueOrDefault(address)?.Count ?? 0;
        if (ofAddress >= Math.Max(1, limits.LoginsWaitingMax / AddressShare))
            return false;
        if (_waiting < limits.LoginsWaitingMax - Account.KeptFrom(ofAddress + 1, limits.LoginsWaitingMax))
            return true;
        long now = time.MonotonicMs();
        return FindWorse((RankOf(address, now), ofAddress + 1, _waitingOfNetwork.GetValueOrDefault(AddressKey.NetworkOf(address)) + 1), now) is { } worse && TryThrowOut(worse);
    }

    // Of the address that goes last, where that would go behind the newcomer: by rank, then by how many of it and of its network wait.
    private List<WaitingLogin>? FindWorse((int Rank, int OfAddress, int OfNetwork) worst, long nowMs)
    {
        List<WaitingLogin>? found = null;
        foreach ((UInt128 address, List<WaitingLogin> waiting) in _waitingOf)
        {
            (int, int, int) its = (RankOf(address, nowMs), waiting.Count, _waitingOfNetwork[AddressKey.NetworkOf(address)]);
            if (its.CompareTo(worst) > 0)
                (found, worst) = (waiting, its);
        }

        return found;
    }

    // The newest that no thread has taken yet.
    private bool TryThrowOut(List<WaitingLogin> waiting)
    {
        for (int i = waiting.Count - 1; i >= 0; i--)
        {
            WaitingLogin login = waiting[i];
            if (login.Done.Task.IsCompleted || (login.Delay is null && !_threads.TryRemove(login)))
                continue;
            login.Delay?.Dispose();
            login.Delay = null;
            _ = login.Done.TrySetResult(LoginOutcome.Busy);
            Leave(login);
            return true;
        }

        return false;
    }

    private void Enter(WaitingLogin login)
    {
        _waiting++;
        if (!_waitingOf.TryGetValue(login.Address, out List<WaitingLogin>? waiting))
            _waitingOf.Add(login.Address, waiting = []);
        waiting.Add(login);
        UInt128 network = AddressKey.NetworkOf(login.Address);
        _waitingOfNetwork[network] = _waitingOfNetwork.GetValueOrDefault(network) + 1;
    }

    // More than once is as good as once.
    private void Leave(WaitingLogin login)
    {
        if (!_waitingOf.TryGetValue(login.Address, out List<WaitingLogin>? waiting) || !waiting.Remove(login))
            return;
        _waiting--;
        if (waiting.Count == 0)
            _ = _waitingOf.Remove(login.Address);
        UInt128 network = AddressKey.NetworkOf(login.Address);
        if (--_waitingOfNetwork[network] == 0)
            _ = _waitingOfNetwork.Remove(network);
    }
}
