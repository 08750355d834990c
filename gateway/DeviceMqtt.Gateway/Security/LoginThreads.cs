using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Compares passwords with hashes on threads of their own, which everything else goes before. Made with the first hash:
/// a gateway without hashed passwords has none. How many wait is bounded by who asks (<see cref="Logins"/>).
/// </summary>
internal sealed partial class LoginThreads(PasswordCheck check) : IDisposable
{
    /// <summary>Chosen: half of a Raspberry Pi's cores.</summary>
    public const int ThreadsMax = 2;

    private const int StackBytes = 256 * 1024;
    private const int Niceness = 10; // a tenth of what an ordinary thread gets, when both have work
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly Lock _lock = new();
    private int _threads;

    private sealed record Job(string Stored, byte[] Password, TaskCompletionSource<bool> Done);

    /// <summary>Whether the password is the stored one, once a thread has found out; cancelled when the gateway stops before.</summary>
    public Task<bool> CheckAsync(string stored, byte[] password)
    {
        lock (_lock)
        {
            if (_threads < ThreadsMax)
                new Thread(Run, StackBytes) { IsBackground = true, Name = $"login {++_threads}", Priority = ThreadPriority.BelowNormal }.Start();
        }

        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _jobs.Add(new Job(stored, password, done));
        return done.Task;
    }

    public void Dispose()
    {
        _jobs.CompleteAdding();
        while (_jobs.TryTake(out Job? job))
            job.Done.SetCanceled();
    }

    private void Run()
    {
        // .NET leaves the priority of a thread alone on Linux. Where the system refuses, the threads are as others are.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(which: 0, who: 0, Niceness);
        foreach (Job job in _jobs.GetConsumingEnumerable())
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

    // PRIO_PROCESS is 0, and 0 is who calls: on Linux that is the thread.
    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, uint who, int niceness);
}
