using DeviceMqtt.Client;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using MQTTnet;
using MQTTnet.Protocol;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>The client for programs, against a gateway with its sockets.</summary>
[TestClass]
public sealed class DeviceClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>A command for the one went to the other, and the other's own entry was gone.</summary>
    [TestMethod]
    public async Task Birth_ThatSaysItIsAnotherDevice_CountsForNobody()
    {
        await using GatewayHost gateway = await StartAsync();
        using IMqttClient board = await ConnectAsync(gateway, "board");
        await PublishAsync(board, "dm/kitchen/info", """{"id":"GID_home@@@kitchen"}""");
        await PublishAsync(board, "dm/evil/info", """{"id":"GID_home@@@kitchen"}""");
        await using DeviceClient client = await DeviceClient.ConnectAsync(Options(gateway));

        CollectionAssert.AreEqual(new[] { ("kitchen", "GID_home@@@kitchen") }, (await client.ListDevicesAsync()).Select(static d => (d.Name, d.ClientId)).ToArray());
    }

    [TestMethod]
    public async Task Device_BirthGone_NotListedAnyMore()
    {
        await using GatewayHost gateway = await StartAsync();
        using IMqttClient board = await ConnectAsync(gateway, "board");
        await PublishAsync(board, "dm/kitchen/info", """{"id":"kitchen"}""");
        await using DeviceClient client = await DeviceClient.ConnectAsync(Options(gateway));
        Assert.HasCount(1, await client.ListDevicesAsync());

        await PublishAsync(board, "dm/kitchen/info", "");

        Assert.IsEmpty(await client.ListDevicesAsync());
    }

    /// <summary>Both had waited for one answer, and who gave up first took it from the other.</summary>
    [TestMethod]
    public async Task Queue_AskedTwiceAndGivenUpOnce_IsTold()
    {
        await using GatewayHost gateway = await StartAsync();
        using (await ConnectAsync(gateway, "kitchen"))
        {
            // Known from now on.
        }

        await using DeviceClient client = await DeviceClient.ConnectAsync(Options(gateway));
        Task<Client.Words.WaitingCommands> asked = client.GetQueueAsync("kitchen");

        await Assert.ThrowsAsync<OperationCanceledException>(() => client.GetQueueAsync("kitchen", new CancellationToken(canceled: true)));

        Assert.AreEqual("kitchen", (await asked.WaitAsync(Limit)).ClientId);
    }

    private static DeviceClientOptions Options(GatewayHost gateway) => new() { Address = new Uri($"mqtt://127.0.0.1:{gateway.MqttEndPoints.First().Port}"), Timeout = TimeSpan.FromSeconds(30) };

    private static async Task<GatewayHost> StartAsync()
    {
        GatewayHost gateway = GatewayHost.Create(new GatewayOptions { Data = GatewayOptions.NoData, Listen = ["127.0.0.1:0"], Http = "off" });
        await gateway.StartAsync();
        return gateway;
    }

    private static async Task<IMqttClient> ConnectAsync(GatewayHost gateway, string clientId)
    {
        IMqttClient client = new MqttClientFactory().CreateMqttClient();
        _ = await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", gateway.MqttEndPoints.First().Port).WithClientId(clientId).Build()).WaitAsync(Limit);
        return client;
    }

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string topic, string payload) =>
        client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build()).WaitAsync(Limit);
}
