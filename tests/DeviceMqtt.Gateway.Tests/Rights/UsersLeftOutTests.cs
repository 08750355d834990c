using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>A gateway that is started without its users once, by a slip, and with them again: what waits for them is there.</summary>
[TestClass]
public sealed class UsersLeftOutTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-users").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task Gateway_StartedOnceWithoutTheUsersOfItsSettings_LosesNothing()
    {
        await using (GatewayHost first = await StartAsync(hasUsers: true))
        {
            using (IMqttClient kitchen = await ConnectAsync(first, "kitchen", clean: true))
            {
                _ = await kitchen.SubscribeAsync("dm/kitchen/#", MqttQualityOfServiceLevel.AtLeastOnce).WaitAsync(Limit);
                await kitchen.DisconnectAsync().WaitAsync(Limit);
            }

            using IMqttClient maria = await ConnectAsync(first, "maria", clean: true);
            await PublishAsync(maria, "dm/kitchen/x", "queued");
            await PublishAsync(maria, "dm/p2p/kitchen", """{"id":"1","cmd":"ping","from":"maria"}""");
            await first.StopAsync();
        }

        await using (GatewayHost without = await StartAsync(hasUsers: false))
        {
            await TestSupport.Patience.Until(() => Review(without), "the look at the users");
            await without.StopAsync();
        }

        await using GatewayHost last = await StartAsync(hasUsers: true);
        List<string> topics = [];
        using SemaphoreSlim came = new(0);
        using IMqttClient back = new MqttClientFactory().CreateMqttClient();
        back.ApplicationMessageReceivedAsync += received =>
        {
            topics.Add(received.ApplicationMessage.Topic);
            _ = came.Release();
            return Task.CompletedTask;
        };
        MqttClientConnectResult connected = await back.ConnectAsync(Options(last, "kitchen", clean: false)).WaitAsync(Limit);
        Assert.IsTrue(connected.IsSessionPresent);
        Assert.IsTrue(await came.WaitAsync(Limit) && await came.WaitAsync(Limit));
        CollectionAssert.AreEquivalent(new[] { "dm/kitchen/x", "dm/p2p/kitchen" }, topics);
        await last.StopAsync();
    }

    // All Sessions and mailboxes were looked at, and no job is left.
    private static bool Review(GatewayHost gateway)
    {
        using Broker.Turns.Turn.Scope scope = gateway.Broker.Turn.Enter();
        return gateway.Broker.Turn.Jobs.Count == 0;
    }

    private async Task<GatewayHost> StartAsync(bool hasUsers)
    {
        GatewayOptions options = new() { Data = _folder, Listen = ["127.0.0.1:0"], Http = "off" };
        if (hasUsers)
        {
            options.Security.Users["kitchen"] = "secret";
            options.Security.Users["maria"] = "secret";
            options.Security.Roles["maria"] = "operator";
        }

        GatewayHost gateway = GatewayHost.Create(options);
        await gateway.StartAsync();
        return gateway;
    }

    private static MqttClientOptions Options(GatewayHost gateway, string user, bool clean) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", gateway.MqttEndPoints.First().Port).WithProtocolVersion(MqttProtocolVersion.V500).WithClientId(user).WithCredentials(user, "secret")
            .WithCleanStart(clean).WithSessionExpiryInterval(3600).Build();

    private static async Task<IMqttClient> ConnectAsync(GatewayHost gateway, string user, bool clean)
    {
        IMqttClient client = new MqttClientFactory().CreateMqttClient();
        MqttClientConnectResult result = await client.ConnectAsync(Options(gateway, user, clean)).WaitAsync(Limit);
        Assert.AreEqual(MqttClientConnectResultCode.Success, result.ResultCode);
        return client;
    }

    private static async Task PublishAsync(IMqttClient client, string topic, string payload)
    {
        MqttClientPublishResult result = await client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce).WaitAsync(Limit);
        Assert.IsTrue(result.IsSuccess, $"{topic}: {result.ReasonCode}");
    }
}
