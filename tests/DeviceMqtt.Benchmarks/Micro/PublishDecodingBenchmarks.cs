using System.Buffers;
using BenchmarkDotNet.Attributes;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Benchmarks.Micro;

/// <summary>What one PUBLISH costs on its way in: cut from a read of many, then decoded. Times are per packet.</summary>
[MemoryDiagnoser]
public class PublishDecodingBenchmarks
{
    private const int Packets = 256;
    private const int SegmentBytes = 4096; // Kestrel's blocks

    private readonly StraddleBuffer _scratch = new();
    private ReadOnlySequence<byte> _oneBlock;
    private ReadOnlySequence<byte> _manyBlocks;

    [Params(ProtocolVersion.V311, ProtocolVersion.V5)]
    public ProtocolVersion Version { get; set; }

    [Params(QoS.AtMostOnce, QoS.AtLeastOnce)]
    public QoS QoS { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        byte[] packet = MqttBytes.PublishPacket((int)Version, "bench/fanin/042", (int)QoS, packetId: 7, PublishRing.PayloadBytes);
        byte[] all = [.. Enumerable.Repeat(packet, Packets).SelectMany(bytes => bytes)];
        _oneBlock = new ReadOnlySequence<byte>(all);
        _manyBlocks = Segments.Cut(all, SegmentBytes);
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int Frames() => ReadFrames(_oneBlock);

    [Benchmark(OperationsPerInvoke = Packets)]
    public int FramesOverBlocks() => ReadFrames(_manyBlocks);

    [Benchmark(OperationsPerInvoke = Packets)]
    public int Decode()
    {
        var reader = new FrameReader(_manyBlocks, packetBytesMax: 65536, _scratch);
        int sum = 0;
        while (reader.TryRead(out Frame frame) == DecodeStatus.Packet)
        {
            if (PublishPacket.TryDecode(frame, Version, out PublishView view, out _))
                sum += view.Payload.Length;
        }
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Packets)]
    public int DecodeLayout()
    {
        var reader = new FrameReader(_manyBlocks, packetBytesMax: 65536, _scratch);
        int sum = 0;
        while (reader.TryRead(out Frame frame) == DecodeStatus.Packet)
        {
            if (PublishPacket.TryDecodeLayout(frame, Version, out PublishView view, out _))
                sum += view.Payload.Length;
        }
        return sum;
    }

    private int ReadFrames(in ReadOnlySequence<byte> buffer)
    {
        var reader = new FrameReader(buffer, packetBytesMax: 65536, _scratch);
        int sum = 0;
        while (reader.TryRead(out Frame frame) == DecodeStatus.Packet)
            sum += frame.Body.Length;
        return sum;
    }
}
