using System.Text;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>Hashes that take until the test releases them. Right is the password that the stored text ends with.</summary>
internal sealed class HeldHashes : IDisposable
{
    private readonly ManualResetEventSlim _released = new();
    private readonly List<string> _passwords = [];
    private int _begun;
    private int _atOnce;

    /// <summary>Hashes that were begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>What they were of, in the order in which they were begun.</summary>
    public IReadOnlyList<string> Passwords
    {
        get
        {
            lock (this)
                return [.. _passwords];
        }
    }

    /// <summary>The most that were worked out side by side.</summary>
    public int AtOnceMax { get; private set; }

    public static string Of(string password) => $"pbkdf2-sha256:1:AAAA:{password}";

    public bool Check(string stored, ReadOnlySpan<byte> password)
    {
        lock (this)
        {
            _begun++;
            _passwords.Add(Encoding.UTF8.GetString(password));
            AtOnceMax = Math.Max(AtOnceMax, ++_atOnce);
        }

        _released.Wait();
        lock (this)
            _atOnce--;
        return stored == Of(Encoding.UTF8.GetString(password));
    }

    public void Release() => _released.Set();

    public void Dispose()
    {
        _released.Set();
        _released.Dispose();
    }
}
