namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Compares passwords with hashes on threads of their own, which everything else goes before. Made with the first hash:
/// a gateway without hashed passwords has none. Addresses take turns: one that sends many waits for its own, any other for one of those at most
/// (<see cref="LoginQueue{T}"/>). How many wait is bounded by who asks (<see cref="Logins"/>).
/// </summary>
internal sealed class LoginThreads(PasswordCheck check) : IDisposable
{
    /// <summary>Chosen: half of a Raspberry Pi's cores.</summary>
    public const int ThreadsMax = 2;

    private const int StackBytes = 256 * 1024;
    private readonly LoginQueue<Job> _jobs = new();
    private readonly object _lock = new();
    private int _threads;
    private bool _isOver;

    private sealed record Job(string Stored, byte[] Password, TaskCompletionSource<bool> Done);

    /// <summary>Whether the password is the stored one, once a thread has found out; cancelled when the gateway stops before.</summary>
    /// <param name="address">Of whoever logs in (<see cref="AddressKey"/>).</param>
    /// <param name="stored">The hash.</param>
    /// <param name="password">As it was sent.</param>
    public Task<bool> CheckAsync(ulong address, string stored, byte[] password)
    {
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isOver)
            {
                done.SetCanceled();
                return done.Task;
            }

            _jobs.Add(address, new Job(stored, password, done));
            if (_threads < ThreadsMax)
                BackgroundThread.Start($"login {++_threads}", Run, StackBytes);
            Monitor.Pulse(_lock);
        }

        return done.Task;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            while (_jobs.TryTake(out Job? job))
                job.Done.SetCanceled();
            Monitor.PulseAll(_lock);
        }
    }

    private void Run()
    {
        while (Next() is { } job)
        {
            try
            {
                job.Done.SetResult(check(job.Stored, job.Password));
            }
            catch (Exception exception)
            {
                // Ends the connection that asked, as a fault of the gateway.
                job.Done.SetException(exception);
            }
        }
    }

    // Null when the gateway stops.
    private Job? Next()
    {
        lock (_lock)
        {
            Job? job;
            while (!_jobs.TryTake(out job) && !_isOver)
                _ = Monitor.Wait(_lock);
            return job;
        }
    }
}
