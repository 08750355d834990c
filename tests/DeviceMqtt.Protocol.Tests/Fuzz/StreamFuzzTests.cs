using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>FrameReader over damaged streams in every layout, against a plain reading of the fixed header.</summary>
[TestClass]
public sealed class StreamFuzzTests
{
    private const int PacketBytesMax = 300;

    [TestMethod]
    public void FrameReader_FedWithDamagedStreams_CutsThemAsAPlainReaderDoes()
    {
        ulong seed = Seed.Take("FrameReader");
        var mutator = new Mutator(seed);
        byte[][] all = [.. SoundPackets.All.Select(row => Bytes.Of(row.Packet))];
        for (int index = 0; index < Seed.FuzzCases; index++)
        {
            byte[] stream = mutator.Mutate([.. mutator.Pick(all), .. mutator.Pick(all), .. mutator.Pick(all)], mutator.RandomBytes(6));
            Cut cut = mutator.Next(4) switch
            {
                0 => new Cut.OneBytePerSegment(),
                1 => new Cut.InsideLarger(0xFF),
                _ => new Cut.At(mutator.Next(stream.Length + 1)),
            };
            Assert.AreEqual(ReadPlainly(stream), Read(cut.Lay(stream)), $"{Seed.Describe(seed)}, case {index}, {cut}: {Bytes.Hex(stream)}");
        }
    }

    private static string Read(ReadOnlySequence<byte> buffer)
    {
        var reader = new FrameReader(buffer, PacketBytesMax, new StraddleBuffer());
        string packets = "";
        DecodeStatus status;
        while ((status = reader.TryRead(out Frame frame)) == DecodeStatus.Packet)
            packets += $"{Bytes.Hex(frame.Packet)} | {frame.Body.Length}\n";
        return packets + $"{status} {reader.Reason} after {Wire.LengthTo(buffer, reader.Consumed)}";
    }

    private static string ReadPlainly(byte[] stream)
    {
        string packets = "";
        int at = 0;
        while (true)
        {
            if (at == stream.Length)
                return packets + $"NeedMore None after {at}";
            if (stream[at] >> 4 == 0)
                return packets + $"Malformed UnknownPacketType after {at}";
            int length = 0;
            int lengthBytes = 0;
            byte next;
            do
            {
                if (lengthBytes == 4)
                    return packets + $"Malformed RemainingLengthTooLong after {at}";
                if (at + 1 + lengthBytes == stream.Length)
                    return packets + $"NeedMore None after {at}";
                next = stream[at + 1 + lengthBytes];
                length += next % 128 * (int)Math.Pow(128, lengthBytes);
                lengthBytes++;
            }
            while (next >= 128);
            int total = 1 + lengthBytes + length;
            if (total > PacketBytesMax)
                return packets + $"Malformed PacketTooLarge after {at}";
            if (at + total > stream.Length)
                return packets + $"NeedMore None after {at}";
            packets += $"{Bytes.Hex(stream.AsSpan(at, total))} | {length}\n";
            at += total;
        }
    }
}
