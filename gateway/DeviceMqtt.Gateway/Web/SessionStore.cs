using System.Security.Cryptography;

namespace DeviceMqtt.Gateway.Web;

/// <summary>Who is logged in, by the token in the cookie. Bounded; in memory alone, so that a restart logs everybody out. Safe from any thread.</summary>
internal sealed class SessionStore(ConsoleOptions options, TimeProvider time)
{
    private const int TokenBytes = 32;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ConsoleSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>Logs somebody in.</summary>
    /// <returns>The token, for the cookie.</returns>
    public string Begin(string user, ConsoleRole role, string address)
    {
        string token = Convert.ToHexString(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_lock)
        {
            ForgetIdle();
            if (_sessions.Count >= options.SessionsMax)
                _ = _sessions.Remove(_sessions.MinBy(static s => s.Value.LastUnixMs).Key);
            _sessions.Add(token, new ConsoleSession(user, role, address, NowMs()));
        }

        return token;
    }

    public ConsoleSession? Find(string token)
    {
        lock (_lock)
        {
            ForgetIdle();
            if (!_sessions.TryGetValue(token, out ConsoleSession? session))
                return null;
            session.LastUnixMs = NowMs();
            return session;
        }
    }

    public void End(string token)
    {
        lock (_lock)
            _ = _sessions.Remove(token);
    }

    /// <summary>Logs a user out everywhere: it was removed, or has another password or role.</summary>
    public void EndAllOf(string user)
    {
        lock (_lock)
            foreach ((string token, ConsoleSession session) in _sessions)
                if (session.User == user)
                    _ = _sessions.Remove(token);
    }

    public IReadOnlyList<ConsoleSession> All()
    {
        lock (_lock)
            return [.. _sessions.Values];
    }

    private void ForgetIdle()
    {
        long before = NowMs() - (options.SessionMinutesMax * 60_000L);
        foreach ((string token, ConsoleSession session) in _sessions)
            if (session.LastUnixMs < before)
                _ = _sessions.Remove(token);
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
