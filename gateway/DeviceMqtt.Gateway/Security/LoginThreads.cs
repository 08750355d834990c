namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Compares passwords with hashes on threads of their own, which everything else goes before. Made with the first hash:
/// a gateway without hashed passwords has none. Who goes first, <see cref="AddressTurns{T}"/> says; short hashes, those of boards, and long ones, those of people, wait apart, and each
/// of the two threads takes those of one kind first: no board waits for somebody's long hash. How many wait is bounded by who asks (<see cref="Logins"/>).
/// </summary>
internal sealed class LoginThreads(PasswordCheck check, TimeProvider time) : IDisposable
{
    /// <summary>Chosen: half of a Raspberry Pi's cores.</summary>
    public const int ThreadsMax = 2;

    private const int StackBytes = 256 * 1024;
    private readonly AddressTurns<WaitingLogin> _short = new();
    private readonly AddressTurns<WaitingLogin> _long = new();
    private readonly object _lock = new();
    private int _threads;
    private bool _isOver;

    /// <summary>Begins to find out whether the password is the stored one. Cancelled when the gateway stops before.</summary>
    /// <param name="login">Its <see cref="WaitingLogin.Done"/> has the answer, once a thread has found out.</param>
    /// <param name="rank">Of its address.</param>
    public void Add(WaitingLogin login, int rank)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                _ = login.Done.TrySetCanceled();
                return;
            }

            QueueOf(login).Add(login.Address, rank, login);
            if (_threads < ThreadsMax)
            {
                (AddressTurns<WaitingLogin> first, AddressTurns<WaitingLogin> second) = _threads++ == 0 ? (_short, _long) : (_long, _short);
                BackgroundThread.Start($"login {_threads}", () => Run(first, second), StackBytes);
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>An address has another rank.</summary>
    public void Rank(UInt128 address, int rank)
    {
        lock (_lock)
        {
            _short.Rank(address, rank);
            _long.Rank(address, rank);
        }
    }

    /// <returns>False when a thread has taken it already, or it is not here.</returns>
    public bool TryRemove(WaitingLogin login)
    {
        lock (_lock)
            return QueueOf(login).Remove(login.Address, login);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            while (_short.TryTake(out WaitingLogin? login) || _long.TryTake(out login))
                _ = login.Done.TrySetCanceled();
            Monitor.PulseAll(_lock);
        }
    }

    private AddressTurns<WaitingLogin> QueueOf(WaitingLogin login) => PasswordHash.IsLong(login.Stored) ? _long : _short;

    private void Run(AddressTurns<WaitingLogin> first, AddressTurns<WaitingLogin> second)
    {
        while (Next(first, second) is { } login)
        {
            // The client of one that was passed over for so long has gone.
            if (time.GetElapsedTime(0).TotalMilliseconds > login.UntilMs)
            {
                _ = login.Done.TrySetResult(LoginOutcome.Busy);
                continue;
            }

            try
            {
                _ = login.Done.TrySetResult(check(login.Stored, login.Password) ? LoginOutcome.Right : LoginOutcome.Wrong);
            }
            catch (Exception exception)
            {
                // Ends the connection that asked, as a fault of the gateway.
                _ = login.Done.TrySetException(exception);
            }
        }
    }

    // Null when the gateway stops.
    private WaitingLogin? Next(AddressTurns<WaitingLogin> first, AddressTurns<WaitingLogin> second)
    {
        lock (_lock)
        {
            WaitingLogin? login;
            while (!first.TryTake(out login) && !second.TryTake(out login) && !_isOver)
                _ = Monitor.Wait(_lock);
            return login;
        }
    }
}
