using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>How the bytes of a test lie in the receive buffer. <see cref="DecodeTestAttribute"/> runs a test once for each way.</summary>
internal abstract record Cut
{
    private static readonly AsyncLocal<Cut?> Ambient = new();

    /// <summary>The way of the run that is on.</summary>
    public static Cut Current
    {
        get => Ambient.Value ?? new RightSized();
        set => Ambient.Value = value;
    }

    /// <summary>The longest input this run has laid out, in bytes.</summary>
    public int LongestBytes { get; private set; }

    public ReadOnlySequence<byte> Lay(byte[] bytes)
    {
        LongestBytes = Math.Max(LongestBytes, bytes.Length);
        return LayOut(bytes);
    }

    protected abstract ReadOnlySequence<byte> LayOut(byte[] bytes);

    private static ReadOnlySequence<byte> Join(params ReadOnlyMemory<byte>[] parts)
    {
        var first = new Segment(parts[0]);
        Segment last = first;
        foreach (ReadOnlyMemory<byte> part in parts.AsSpan(1))
            last = last.Append(part);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>One array, exactly as long as the input.</summary>
    internal sealed record RightSized : Cut
    {
        protected override ReadOnlySequence<byte> LayOut(byte[] bytes) => new(bytes.AsSpan().ToArray());
    }

    /// <summary>A part of a larger array whose other bytes would be noticed: they look like more of everything.</summary>
    internal sealed record InsideLarger(byte Around) : Cut
    {
        protected override ReadOnlySequence<byte> LayOut(byte[] bytes)
        {
            byte[] larger = new byte[bytes.Length + 64];
            larger.AsSpan().Fill(Around);
            bytes.CopyTo(larger, 32);
            return new ReadOnlySequence<byte>(larger, 32, bytes.Length);
        }
    }

    /// <summary>Two segments with an empty one between them, as a pipe can have it.</summary>
    internal sealed record At(int Offset) : Cut
    {
        protected override ReadOnlySequence<byte> LayOut(byte[] bytes)
        {
            int offset = Math.Min(Offset, bytes.Length);
            return Join(bytes.AsMemory(0, offset), default, bytes.AsMemory(offset));
        }
    }

    internal sealed record OneBytePerSegment : Cut
    {
        protected override ReadOnlySequence<byte> LayOut(byte[] bytes) =>
            bytes.Length == 0 ? default : Join([.. bytes.Select((_, index) => (ReadOnlyMemory<byte>)bytes.AsMemory(index, 1))]);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
