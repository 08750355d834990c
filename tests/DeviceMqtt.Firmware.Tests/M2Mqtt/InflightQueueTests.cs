using DeviceMqtt.Protocol;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Firmware.Tests.M2Mqtt;

/// <summary>The queue alone, with time moved by hand.</summary>
[TestClass]
public sealed class InflightQueueTests : IInflightOutput
{
    private readonly List<string> _output = [];
    private readonly InflightQueue _queue = new(new MqttClientTimes { InflightQueueSize = 2 });

    [TestMethod]
    public void QoS0_IsSentAndGone()
    {
        _queue.TryAdd(Outbound(QoS.AtMostOnce, 1));

        Assert.IsNull(_queue.Process(this, 0));

        Expect("send 1");
        Assert.AreEqual(0, _queue.Count);
    }

    [TestMethod]
    public void QoS1_IsSentAgainEachSecondAndGivenUpAfterFour()
    {
        _queue.TryAdd(Outbound(QoS.AtLeastOnce, 1));

        Assert.AreEqual(1000, _queue.Process(this, 0));
        Assert.AreEqual(1, _queue.Process(this, 999));
        Expect("send 1");
        Assert.AreEqual(1000, _queue.Process(this, 1000));
        Assert.AreEqual(1000, _queue.Process(this, 2000));
        Assert.AreEqual(1000, _queue.Process(this, 3000));
        Expect("send 1 dup", "send 1 dup", "send 1 dup");
        Assert.IsNull(_queue.Process(this, 4000));

        Expect("published 1 False");
        Assert.AreEqual(0, _queue.Count);
    }

    [TestMethod]
    public void QoS1_Acknowledged_KeepsItsPlaceForASecond()
    {
        _queue.TryAdd(Outbound(QoS.AtLeastOnce, 1));
        _queue.Process(this, 0);

        Assert.IsTrue(_queue.ReceiveAck(PacketType.PubAck, 1, this, 10));
        Assert.IsFalse(_queue.ReceiveAck(PacketType.PubAck, 1, this, 20));
        Assert.AreEqual(1, _queue.Count);
        Assert.IsNull(_queue.Process(this, 1000));

        Expect("send 1", "published 1 True");
        Assert.AreEqual(0, _queue.Count);
    }

    [TestMethod]
    public void QoS2_PubRelIsSentAgainToo()
    {
        _queue.TryAdd(Outbound(QoS.ExactlyOnce, 1));
        _queue.Process(this, 0);
        _queue.ReceiveAck(PacketType.PubRec, 1, this, 100);
        _queue.Process(this, 1100);

        Expect("send 1", "PubRel 1", "PubRel 1");
        Assert.IsTrue(_queue.ReceiveAck(PacketType.PubComp, 1, this, 1200));
        Expect("published 1 True");
        Assert.AreEqual(0, _queue.Count);
    }

    [TestMethod]
    public void Queue_Full_TakesNoMoreInEitherDirection()
    {
        Assert.IsTrue(_queue.TryAdd(Outbound(QoS.AtLeastOnce, 1)));
        Assert.IsTrue(_queue.TryAdd(Outbound(QoS.AtLeastOnce, 2)));
        Assert.IsFalse(_queue.TryAdd(Outbound(QoS.AtMostOnce, 3)));
        _queue.ReceivePublish(new InflightMessage { Type = PacketType.Publish, IsInbound = true, PacketId = 7, QoS = QoS.AtLeastOnce });

        _queue.Process(this, 0);

        Expect("send 1", "send 2");
    }

    [TestMethod]
    public void Received_WithTheIdOfASentOne_IsAnotherMessage()
    {
        _queue.TryAdd(Outbound(QoS.ExactlyOnce, 1));
        _queue.ReceivePublish(new InflightMessage { Type = PacketType.Publish, IsInbound = true, PacketId = 1, QoS = QoS.ExactlyOnce });
        _queue.Process(this, 0);
        _queue.ReceiveAck(PacketType.PubRel, 1, this, 0);

        Expect("send 1", "PubRec 1", "PubComp 1", "received 1");
        Assert.AreEqual(1, _queue.Count);
    }

    [TestMethod]
    public void Acknowledgement_OfAnUnknownMessage_IsIgnored()
    {
        Assert.IsFalse(_queue.ReceiveAck(PacketType.PubAck, 1, this, 0));
        Assert.IsFalse(_queue.ReceiveAck(PacketType.PubRec, 1, this, 0));
        Assert.IsFalse(_queue.ReceiveAck(PacketType.PubComp, 1, this, 0));
        Assert.IsFalse(_queue.ReceiveAck(PacketType.SubAck, 1, this, 0));

        Expect();
    }

    void IInflightOutput.Send(byte[] packet) => _output.Add($"send {packet[1]}{((packet[0] & 8) != 0 ? " dup" : string.Empty)}");

    void IInflightOutput.SendAck(PacketType type, ushort packetId) => _output.Add($"{type} {packetId}");

    void IInflightOutput.RaiseReceived(InflightMessage message) => _output.Add($"received {message.PacketId}");

    void IInflightOutput.RaisePublished(ushort packetId, bool isPublished) => _output.Add($"published {packetId} {isPublished}");

    private static InflightMessage Outbound(QoS qos, ushort packetId) => new() { Type = PacketType.Publish, QoS = qos, PacketId = packetId, Packet = [0x30, (byte)packetId] };

    private void Expect(params string[] expected)
    {
        CollectionAssert.AreEqual(expected, _output.ToArray());
        _output.Clear();
    }
}
