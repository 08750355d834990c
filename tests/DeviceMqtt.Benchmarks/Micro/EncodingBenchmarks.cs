using System.Buffers;
using BenchmarkDotNet.Attributes;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Benchmarks.Micro;

/// <summary>What leaves the broker: PUBLISH and its acknowledgements. And CONNECT, which comes once per connection.</summary>
[MemoryDiagnoser]
public class EncodingBenchmarks
{
    private readonly byte[] _destination = new byte[256];
    private readonly byte[] _topic = "bench/fanin/042"u8.ToArray();
    private readonly byte[] _payload = new byte[PublishRing.PayloadBytes];
    private readonly StraddleBuffer _scratch = new();
    private ReadOnlySequence<byte> _connect;
    private ReadOnlySequence<byte> _pubAck;

    [Params(ProtocolVersion.V311, ProtocolVersion.V5)]
    public ProtocolVersion Version { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _connect = new ReadOnlySequence<byte>(MqttBytes.Connect((int)Version, "GID_board@@@esp32-0042", keepAliveSeconds: 60));
        _pubAck = new ReadOnlySequence<byte>([MqttBytes.PubAck, 2, 0, 7]);
    }

    [Benchmark]
    public int EncodePublishQoS0() =>
        PublishPacket.Encode(_destination, Version, _topic, properties: [], _payload, QoS.AtMostOnce, retain: false, dup: false, packetId: 0);

    [Benchmark]
    public int EncodePublishQoS1() =>
        PublishPacket.Encode(_destination, Version, _topic, properties: [], _payload, QoS.AtLeastOnce, retain: false, dup: false, packetId: 7);

    [Benchmark]
    public int EncodePubAck() => AckPacket.Encode(_destination, PacketType.PubAck, Version, packetId: 7);

    [Benchmark]
    public int DecodePubAck()
    {
        var reader = new FrameReader(_pubAck, packetBytesMax: 65536, _scratch);
        _ = reader.TryRead(out Frame frame);
        _ = AckPacket.TryDecode(frame, Version, out AckView view, out _);
        return view.PacketId;
    }

    [Benchmark]
    public string DecodeConnect()
    {
        var reader = new FrameReader(_connect, packetBytesMax: 65536, _scratch);
        _ = reader.TryRead(out Frame frame);
        return ConnectPacket.TryDecode(frame, out ConnectPacket? packet, out MalformedReason reason) ? packet.ClientId : reason.ToString();
    }
}
