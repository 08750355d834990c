using System.Text;
using DeviceMqtt.Broker;
using DeviceMqtt.Custody;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay;

namespace DeviceMqtt.Samples.Tests;

/// <summary>A program with public types alone keeps its broker on disk, and gives it an upstream.</summary>
[TestClass]
public sealed class OwnBrokerTests
{
    [TestMethod]
    public async Task DurableBroker_OpenedAgain_HasWhatWaited()
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-own-").FullName;
        try
        {
            await using (DurableBroker first = await DurableBroker.OpenAsync(folder))
            {
                await using LocalBroker served = new(first.Broker);
                await using (RawMqtt absent = await RawMqtt.Connect(served, "absent", clean: false))
                    await absent.Subscribe("a/#", qos: 1);
                first.Broker.Publish("a/b", "kept"u8, QoS.AtLeastOnce);
                Assert.IsFalse(first.Failed.IsCompleted);
            }

            await using DurableBroker again = await DurableBroker.OpenAsync(folder);
            await using LocalBroker servedAgain = new(again.Broker);
            await using RawMqtt back = await RawMqtt.Connect(servedAgain, "absent", clean: false);
            Assert.AreEqual("kept", (await back.Next(RawType.Publish)).Text);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public async Task BrokerUpstream_Attached_CarriesBothWays()
    {
        MqttBroker above = new();
        await using LocalBroker upstream = new(above);
        await using RawMqtt watcher = await RawMqtt.Connect(upstream, "watcher");
        await watcher.Subscribe("up/#");
        MqttBroker below = new();
        await using LocalBroker served = new(below);
        await using RawMqtt local = await RawMqtt.Connect(served, "local");
        await local.Subscribe("down/#");
        using BrokerUpstream link = BrokerUpstream.Attach(below, new UpstreamOptions { Address = $"mqtt://127.0.0.1:{upstream.Port}", ClientId = "below", Out = ["up/#"], In = ["down/#"] });
        using CancellationTokenSource stopping = new();
        Task running = link.RunAsync(stopping.Token);

        // Waits in the broker until the link is up.
        below.Publish("up/a", "hello"u8, QoS.AtLeastOnce);
        Assert.AreEqual("hello", (await watcher.Next(RawType.Publish)).Text);
        Assert.IsTrue(link.IsConnected);
        // Retained, so that it does not matter whether the link has subscribed already.
        above.Publish("down/a", Encoding.UTF8.GetBytes("answer"), QoS.AtLeastOnce, retain: true);
        Assert.AreEqual("answer", (await local.Next(RawType.Publish)).Text);

        await stopping.CancelAsync();
        await running;
        Assert.IsFalse(link.IsConnected);
    }

    [TestMethod]
    public void BrokerUpstream_Options_RefusedByName()
    {
        UpstreamOptions wrong = new() { Address = "http://nowhere", ClientId = "below" };
        Assert.ThrowsExactly<ArgumentException>(() => BrokerUpstream.Attach(new MqttBroker(), wrong));
        MqttBroker broker = new();
        UpstreamOptions right = new() { Address = "mqtt://127.0.0.1:1883", ClientId = "below" };
        using BrokerUpstream link = BrokerUpstream.Attach(broker, right);
        Assert.ThrowsExactly<InvalidOperationException>(() => BrokerUpstream.Attach(broker, right));
    }
}
