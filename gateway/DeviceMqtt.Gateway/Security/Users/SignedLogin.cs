using System.Security.Cryptography;
using System.Text;

namespace DeviceMqtt.Gateway.Security.Users;

/// <summary>
/// The login of clients written for Alibaba Cloud's MQTT service (its signature mode): user name <c>Signature|ACCESS_KEY|INSTANCE</c>, password Base64 of HMAC-SHA1 of the
/// Client Identifier under the key's secret; HMAC-SHA256 is taken too. The instance is not looked at.
/// </summary>
internal static class SignedLogin
{
    private const string Mode = "Signature|";

    /// <summary>Whether a user name is of that form, and the access key in it.</summary>
    public static bool TryParse(string userName, out string accessKey)
    {
        accessKey = "";
        if (!userName.StartsWith(Mode, StringComparison.Ordinal))
            return false;
        int end = userName.IndexOf('|', Mode.Length);
        if (end <= Mode.Length || userName.IndexOf('|', end + 1) >= 0)
            return false;
        accessKey = userName[Mode.Length..end];
        return true;
    }

    /// <summary>Whether a password is the signature of a Client Identifier. In the same time wherever it differs.</summary>
    public static bool Fits(string secret, string clientId, ReadOnlySpan<byte> password)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (password.Length > 64 || !Convert.TryFromBase64String(Encoding.ASCII.GetString(password), given, out int bytes))
            return false;
        byte[] key = Encoding.UTF8.GetBytes(secret);
        byte[] text = Encoding.UTF8.GetBytes(clientId);
#pragma warning disable CA5350 // The service that those clients were written for takes SHA-1; as an HMAC it is not known to be broken (RFC 6194).
        bool isSha1 = CryptographicOperations.FixedTimeEquals(HMACSHA1.HashData(key, text), given[..bytes]);
#pragma warning restore CA5350
        return isSha1 | CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, text), given[..bytes]);
    }
}
