using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Replaces the weak hashes of mosquitto by ours when their users have logged in. One thread does it beside the logins, and writes the file once for all that
/// have come meanwhile: after a start hundreds log in at once, and if each waited for the file, nobody else would find a thread. Safe from any thread.
/// </summary>
internal sealed class Rehashing(UserDirectory directory, ILogger? log)
{
    private const int NamesMax = 10_000; // chosen: who finds no room is rehashed at the next login
    private readonly Lock _lock = new();
    private Dictionary<string, (string Stored, byte[] Password)> _waiting = [];
    private bool _isRunning;

    /// <summary>Its thread is at work in the data folder.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_lock)
                return _isRunning;
        }
    }

    /// <summary>A password was right.</summary>
    /// <param name="userName">Whose.</param>
    /// <param name="stored">The weak hash that it fits.</param>
    /// <param name="password">As it was sent.</param>
    public void Add(string userName, string stored, byte[] password)
    {
        lock (_lock)
        {
            if (_waiting.Count >= NamesMax)
                return;
            _waiting[userName] = (stored, password);
            if (_isRunning)
                return;
            _isRunning = true;
        }

        BackgroundThread.Start("rehash", Run);
    }

    private void Run()
    {
        while (true)
        {
            Dictionary<string, (string Stored, byte[] Password)> taken;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _isRunning = false;
                    return;
                }

                (taken, _waiting) = (_waiting, []);
            }

            Rehash(taken);
        }
    }

    // It may fail: the users are let in all the same, and a later login tries again. Nobody is above this thread: what is not caught here ends the gateway.
    private void Rehash(Dictionary<string, (string Stored, byte[] Password)> taken)
    {
        try
        {
            directory.Rehash(taken.ToDictionary(static user => user.Key, static user => (user.Value.Stored, PasswordHash.Create(user.Value.Password)), StringComparer.Ordinal));
        }
        catch (Exception exception)
        {
            bool isOfTheFile = exception is IOException or UnauthorizedAccessException or InvalidDataException;
            string why = isOfTheFile ? exception.Message : $"{exception.GetType().Name}: {exception.Message}"; // a fault of ours
            log?.RehashFailed(taken.Count, SafeText.OfName(taken.Keys.First()), why);
        }
    }
}
