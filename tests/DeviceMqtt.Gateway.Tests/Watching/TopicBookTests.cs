using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>The topics with their last messages, within their bytes.</summary>
[TestClass]
public sealed class TopicBookTests
{
    private const int BytesMax = 100_000;
    private readonly TopicBook _book = new(BytesMax);
    private readonly RouteCache _routes = new(new TopicTree(), new Ground(new FakeTime(), new GatewayLimits()).Limits);

    private void Take(string topic, int bytes) =>
        _book.Take(new Publication { Route = _routes.Get(topic), Payload = new byte[bytes], QoS = QoS.AtMostOnce, NowMs = 1 }, unixMs: 1);

    // Only a new topic was asked whether it has room: each of them could grow to 4 KB then.
    [TestMethod]
    public void Payloads_GrowAfterTheirTopicsAreThere_WithinTheBound()
    {
        for (int i = 0; i < 100; i++)
            Take($"t/{i}", 1);
        int topics = _book.Topics;
        for (int i = 0; i < topics; i++)
            Take($"t/{i}", TopicBook.PayloadBytesMax);

        Assert.IsLessThanOrEqualTo(BytesMax, _book.Bytes);
        long kept = Enumerable.Range(0, topics).Sum(i => (long)_book.Find($"t/{i}")!.Payload!.Length);
        Assert.IsLessThanOrEqualTo(BytesMax, kept);
        TopicNode last = _book.Find($"t/{topics - 1}")!;
        Assert.AreEqual(1, last.Payload!.Length);
        Assert.AreEqual(TopicBook.PayloadBytesMax, last.PayloadBytes, "it shows that there was more");
    }

    [TestMethod]
    public void Payload_GetsSmaller_RoomForOthers()
    {
        for (int i = 0; i < 100; i++)
            Take($"t/{i}", 1);
        for (int i = 0; i < _book.Topics; i++)
            Take($"t/{i}", TopicBook.PayloadBytesMax);
        Take("t/0", 1);
        Take($"t/{_book.Topics - 1}", 1_000);

        Assert.AreEqual(1_000, _book.Find($"t/{_book.Topics - 1}")!.Payload!.Length);
        Assert.IsLessThanOrEqualTo(BytesMax, _book.Bytes);
    }
}
