using System.Security.Cryptography;

namespace DeviceMqtt.Gateway.Web;

/// <summary>Who is logged in, by the token in the cookie. Bounded; in memory alone, so that a restart logs everybody out. Safe from any thread.</summary>
internal sealed class SessionStore(ConsoleOptions options, TimeProvider time)
{
    /// <summary>One user has a quarter: whoever logs in again and again logs out itself, and nobody else.</summary>
    public const int Share = 4;

    private const int TokenBytes = 32;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ConsoleSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>Logs somebody in.</summary>
    /// <returns>The token, for the cookie.</returns>
    public string Begin(string user, string stamp, string address)
    {
        string token = Convert.ToHexString(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_lock)
        {
            ForgetIdle();
            if (_sessions.Values.Count(s => s.User == user) >= Math.Max(1, options.SessionsMax / Share))
                _ = _sessions.Remove(_sessions.Where(s => s.Value.User == user).MinBy(static s => s.Value.LastTimestamp).Key);
            else if (_sessions.Count >= options.SessionsMax)
                _ = _sessions.Remove(_sessions.MinBy(static s => s.Value.LastTimestamp).Key);
            _sessions.Add(token, new ConsoleSession(user, stamp, address, NowMs()) { LastTimestamp = time.GetTimestamp() });
        }

        return token;
    }

    /// <param name="token">Of the cookie.</param>
    /// <param name="isRequest">It does something: not a stream that only stays open.</param>
    public ConsoleSession? Find(string token, bool isRequest = true)
    {
        lock (_lock)
        {
            ForgetIdle();
            if (!_sessions.TryGetValue(token, out ConsoleSession? session))
                return null;
            if (isRequest)
                (session.LastUnixMs, session.LastTimestamp) = (NowMs(), time.GetTimestamp());
            return session;
        }
    }

    /// <summary>It lasts on: it was this one that gave its user another password.</summary>
    public void Renew(string token, string stamp)
    {
        lock (_lock)
            if (_sessions.TryGetValue(token, out ConsoleSession? session))
                session.Stamp = stamp;
    }

    public void End(string token)
    {
        lock (_lock)
            _ = _sessions.Remove(token);
    }

    public IReadOnlyList<ConsoleSession> All()
    {
        lock (_lock)
            return [.. _sessions.Values];
    }

    private void ForgetIdle()
    {
        TimeSpan most = TimeSpan.FromMinutes(options.SessionMinutesMax);
        foreach ((string token, ConsoleSession session) in _sessions)
            if (time.GetElapsedTime(session.LastTimestamp) > most)
                _ = _sessions.Remove(token);
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
