using System.Buffers;

namespace DeviceMqtt.Benchmarks.Micro;

/// <summary>Lays bytes out in blocks, as a pipe does.</summary>
internal static class Segments
{
    public static ReadOnlySequence<byte> Cut(byte[] bytes, int segmentBytes)
    {
        var first = new Segment(bytes.AsMemory(0, Math.Min(segmentBytes, bytes.Length)), 0);
        Segment last = first;
        for (int offset = last.Memory.Length; offset < bytes.Length; offset += last.Memory.Length)
            last = last.Append(bytes.AsMemory(offset, Math.Min(segmentBytes, bytes.Length - offset)));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
