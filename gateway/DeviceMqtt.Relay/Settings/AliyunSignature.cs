using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMqtt.Relay.Settings;

/// <summary>
/// Section <c>Relay:Aliyun</c>: the signature mode of Alibaba Cloud's MQTT service. User name
/// <c>Signature|AccessKey|Instance</c>, password Base64(HMAC-SHA1(secret, Client Identifier)).
/// </summary>
internal sealed class AliyunSignature
{
    /// <summary>The account's AccessKey ID.</summary>
    public string AccessKey { get; set; } = "";
    /// <summary>The account's AccessKey Secret, which signs the Client Identifier; it is never sent.</summary>

    public string Secret { get; set; } = "";
    /// <summary>The identifier of the instance, as the console of the service shows it.</summary>

    public string Instance { get; set; } = "";

    public bool IsSet => AccessKey.Length + Secret.Length + Instance.Length > 0;

    public string UserName => $"Signature|{AccessKey}|{Instance}";

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The service defines it so.")]
    public string PasswordFor(string clientId) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(clientId)));
}
