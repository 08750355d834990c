using System.Security.Cryptography;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Passwords that were found right, so that a site whose devices reconnect all at once does not pay for each: by user name an
/// HMAC-SHA-256 with a key of its own, in memory only. What is stored for the user must be the same still. Not safe for more than one thread.
/// </summary>
/// <param name="countMax">Users remembered; further ones are worked out each time.</param>
internal sealed class RememberedLogins(int countMax)
{
    private const int KeyBytes = 32;
    private readonly Dictionary<string, (string Stored, byte[] Key, byte[] Digest)> _known = new(StringComparer.Ordinal);

    public int Count => _known.Count;

    /// <summary>The password was right for what is stored. False says only that nobody knows.</summary>
    public bool Contains(string userName, string stored, ReadOnlySpan<byte> password)
    {
        if (!_known.TryGetValue(userName, out (string Stored, byte[] Key, byte[] Digest) known) || known.Stored != stored)
            return false;
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(known.Key, password, digest);
        return CryptographicOperations.FixedTimeEquals(digest, known.Digest);
    }

    public void Add(string userName, string stored, ReadOnlySpan<byte> password)
    {
        if (_known.Count >= countMax && !_known.ContainsKey(userName))
            return;
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        _known[userName] = (stored, key, HMACSHA256.HashData(key, password));
    }

    /// <summary>Users have changed: forgets those that are gone or have another password.</summary>
    public void KeepOnly(Func<string, string?> storedOf)
    {
        foreach ((string userName, (string stored, _, _)) in _known)
            if (storedOf(userName) != stored)
                _ = _known.Remove(userName);
    }
}
