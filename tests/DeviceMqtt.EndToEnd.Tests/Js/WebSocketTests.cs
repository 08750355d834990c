using System.Net.WebSockets;

namespace DeviceMqtt.EndToEnd.Tests.Js;

/// <summary>Section 6 of MQTT 3.1.1: MQTT over WebSockets, in exact bytes.</summary>
[TestClass]
public sealed class WebSocketTests
{
    [TestMethod]
    public async Task Frame_Text_ConnectionClosed()
    {
        // mosquitto takes text frames too.
        GatewayProcess broker = await SharedBroker.GetGateway();
        await using RawMqtt client = await RawMqtt.OpenWebSocket(broker, WebSocketMessageType.Text);

        await client.SendUntilClosed(RawBytes.Connect(Unique.Name("text")));

        await client.WaitForClose();
        Assert.IsEmpty(client.Packets.Items, "[MQTT-6.0.0-1] binary frames only");
    }

    [TestMethod]
    public async Task Frames_OnePerByte_AreOneStreamOfPackets()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        string topic = Unique.Name("bytes");
        await using RawMqtt client = await RawMqtt.OpenWebSocket(broker);

        byte[] packets = [.. RawBytes.Connect(Unique.Name("bytes")), .. RawBytes.Subscribe(1, 0, topic), .. RawBytes.Publish(topic, "assembled")];
        foreach (byte one in packets)
        {
            await client.Send([one]);
        }

        // [MQTT-6.0.0-2]: packets do not begin where frames begin.
        await client.Next(RawType.ConnAck);
        await client.Next(RawType.SubAck);
        Assert.AreEqual("assembled", (await client.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task Frame_WithSeveralPackets_EachIsAnswered()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        await using RawMqtt client = await RawMqtt.OpenWebSocket(broker);

        await client.Send(RawBytes.Connect(Unique.Name("several")), RawBytes.PingReq, RawBytes.PingReq);

        await client.Next(RawType.ConnAck);
        await client.Next(RawType.PingResp);
        await client.Next(RawType.PingResp);
    }

    [TestMethod]
    public async Task MalformedPacket_OverWebSocket_ConnectionClosed()
    {
        BrokerUnderTest broker = await SharedBroker.Get();
        await using RawMqtt client = await RawMqtt.OpenWebSocket(broker);
        await client.Send(RawBytes.Connect(Unique.Name("broken")));
        await client.Next(RawType.ConnAck);

        await client.SendUntilClosed([0x80, 0x06, 0x00, 0x01, 0x00, 0x01, 0x61, 0x00]);

        await client.WaitForClose();
    }

    [TestMethod]
    public async Task Request_OfferingTheNameOf31_TheSubprotocolChosenIsOneThatWasOffered()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        using ClientWebSocket client = new();
        client.Options.AddSubProtocol("mqttv3.1");
        using CancellationTokenSource timeout = new(Patience.Default);

        await client.ConnectAsync(gateway.WebSocketAddress, timeout.Token);

        Assert.AreEqual("mqttv3.1", client.SubProtocol);
    }

    [TestMethod]
    public async Task Request_OfferingNoNameOfMqtt_NoSubprotocolIsChosen()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        using ClientWebSocket client = new();
        client.Options.AddSubProtocol("chat");
        using CancellationTokenSource timeout = new(Patience.Default);

        await client.ConnectAsync(gateway.WebSocketAddress, timeout.Token);

        Assert.IsNull(client.SubProtocol, "[MQTT-6.0.0-4] none but MQTT's own is selected");
    }

    [TestMethod]
    public async Task Request_ToAnotherPath_IsMqttForWhoOffersItAndElseNone()
    {
        GatewayProcess gateway = await SharedBroker.GetGateway();
        using HttpClient http = new();
        using ClientWebSocket client = new();
        using ClientWebSocket other = new();
        client.Options.AddSubProtocol("mqtt");
        using CancellationTokenSource timeout = new(Patience.Default);
        string elsewhere = $"{BrokerUnderTest.Host}:{gateway.HttpPort}/no-such-page";

        using HttpResponseMessage response = await http.GetAsync(new Uri($"http://{elsewhere}"));
        await client.ConnectAsync(new Uri($"ws://{elsewhere}"), timeout.Token);
        WebSocketException refusal = await Assert.ThrowsExactlyAsync<WebSocketException>(() => other.ConnectAsync(new Uri($"ws://{elsewhere}"), timeout.Token));

        Assert.AreEqual("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.AreEqual("mqtt", client.SubProtocol);
        Assert.AreEqual(WebSocketError.NotAWebSocket, refusal.WebSocketErrorCode);
    }
}
