using BenchmarkDotNet.Attributes;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Tracing;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Benchmarks.Micro;

/// <summary>What it costs to note the way of a message. Beside it stands what a message costs in all: the rows of <c>broker</c>.</summary>
[MemoryDiagnoser]
public class TraceBenchmarks
{
    private const int Subscribers = 200;
    private readonly byte[] _payload = new byte[64];
    private TraceBook _book = null!;
    private Route _route = null!;
    private DropOwner _reader;
    private long _nowMs;

    [GlobalSetup]
    public void Fill()
    {
        Ground ground = new(TimeProvider.System, new GatewayLimits());
        MqttBroker broker = new(ground, new GroupPolicies([]), TimeProvider.System);
        using (broker.State.Turn.Enter())
            _route = broker.State.Routes.Get("bench/fanin/042");
        _book = new TraceBook(new TraceOptions(), ground.Counters, ground.Turn);
        _reader = DropOwner.Client("reader");
    }

    /// <summary>What the others have beside the notes: the message.</summary>
    [Benchmark(Baseline = true)]
    public int Message()
    {
        Publication publication = Make(++_nowMs);
        return publication.Payload.Length;
    }

    /// <summary>Of QoS 1, for one subscriber that acknowledges it: three notes.</summary>
    [Benchmark]
    public void Noted()
    {
        uint number = Accept(++_nowMs); // a millisecond for each: as many may be noted
        _book.Handed(number, 0, _reader, DeliveryResult.Sent, QoS.AtLeastOnce, 7);
        _book.Answered(number, Kept.NotNeeded, ReasonCode.Success);
        _book.Acknowledged(_reader, PacketType.PubAck, 7, isError: false);
    }

    /// <summary>The same in a flood, when as many were noted as may be.</summary>
    [Benchmark]
    public void NotNoted()
    {
        uint number = Accept(0);
        _book.Handed(number, 0, _reader, DeliveryResult.Sent, QoS.AtLeastOnce, 7);
        _book.Answered(number, Kept.NotNeeded, ReasonCode.Success);
    }

    /// <summary>For two hundred subscribers, for each of them.</summary>
    [Benchmark(OperationsPerInvoke = Subscribers)]
    public void NotedFanOut()
    {
        uint number = Accept(_nowMs += 128);
        for (int i = 0; i < Subscribers; i++)
            _book.Handed(number, 0, _reader, DeliveryResult.Sent, QoS.AtMostOnce, 0);
    }

    private uint Accept(long nowMs)
    {
        Publication publication = Make(nowMs);
        return _book.Accepted(publication);
    }

    private Publication Make(long nowMs) => new() { Route = _route, QoS = QoS.AtLeastOnce, Payload = _payload, NowMs = nowMs };
}
