namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>The broker a test talks to: the gateway, or mosquitto, which shows that a case of plain MQTT asks nothing odd.</summary>
internal abstract class BrokerUnderTest : IAsyncDisposable
{
    /// <summary>Set to "mosquitto", the cases of plain MQTT run against it instead of the gateway.</summary>
    public const string Variable = "DEVICEMQTT_TEST_BROKER";

    public const string Host = "127.0.0.1";

    public static bool IsMosquitto =>
        string.Equals(Environment.GetEnvironmentVariable(Variable), "mosquitto", StringComparison.OrdinalIgnoreCase);

    /// <summary>For <c>--upstream</c>: several of them, of one upstream.</summary>
    public static string AddressesOf(IEnumerable<int> ports) => string.Join(',', ports.Select(static port => $"mqtt://{Host}:{port}"));

    /// <summary>Where it listens for MQTT over TCP.</summary>
    public abstract int Port { get; }

    /// <summary>Address for MQTT over WebSockets.</summary>
    public abstract Uri WebSocketAddress { get; }

    /// <summary>Its last lines, for the message of a failure.</summary>
    public abstract string Transcript();

    /// <param name="packetBytesMax">Largest packet a client may send; null leaves the broker's default.</param>
    public static async Task<BrokerUnderTest> Start(int? packetBytesMax = null) =>
        IsMosquitto
            ? await MosquittoBroker.Start(packetBytesMax: packetBytesMax, webSockets: true)
            : await GatewayProcess.Start(packetBytesMax is int bytes ? ["--set", $"Limits:PacketBytesMax={bytes}"] : []);

    public abstract ValueTask DisposeAsync();
}
