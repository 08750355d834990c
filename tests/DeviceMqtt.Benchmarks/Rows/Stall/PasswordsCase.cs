using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Stall;

/// <summary>Users whose passwords are kept as PBKDF2 hashes; others try wrong ones, so that each try costs a hash.</summary>
internal sealed class PasswordsCase : StallCase
{
    private const int Users = 100;

    /// <summary>What the gateway's <c>device add</c> takes; for mosquitto the same, of SHA-512.</summary>
    private const int Iterations = 10_000;

    private const string Password = "right";
    private static readonly byte[] Salt = Encoding.ASCII.GetBytes("saltsaltsalt");

    public override string Name => "passwords";

    public override string Title => "many connect with wrong passwords of users with hashed ones";

    public override BrokerSettings Settings(StallSizes sizes) => base.Settings(sizes) with
    {
        GatewaySettings = ["Security:AllowAnonymous=true", "Security:AnonymousRole=operator", .. Enumerable.Range(0, Users).Select(static i => $"Security:Users:{UserName(i)}={GatewayHash}")],
        MosquittoPasswords = string.Concat(Enumerable.Range(0, Users).Select(static i => $"{UserName(i)}:{MosquittoHash}\n")),
    };

    public override void Prepare(StallBench bench)
    {
    }

    public override Func<bool> Act(StallBench bench) => bench.Visits(bench.Sizes.Logins, answers: 1, index => MqttBytes.Connect(
        bench.ProtocolLevel, $"guess{index:000000}", MqttHandshake.KeepAliveSeconds, new ConnectFields { UserName = UserName(index % Users), Password = "wrong" }));

    private static string GatewayHash { get; } = $"pbkdf2-sha256:{Iterations}:{Convert.ToBase64String(Salt)}:{Hash(HashAlgorithmName.SHA256, 32)}";

    // mosquitto_passwd's: $7$ iterations $ salt $ hash.
    private static string MosquittoHash { get; } = $"$7${Iterations}${Convert.ToBase64String(Salt)}${Hash(HashAlgorithmName.SHA512, 64)}";

    private static string UserName(int index) => $"user{index:00}";

    private static string Hash(HashAlgorithmName algorithm, int bytes) =>
        Convert.ToBase64String(Rfc2898DeriveBytes.Pbkdf2(Password, Salt, Iterations, algorithm, bytes));
}
