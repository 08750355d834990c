using System.Threading.Channels;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>TCP whose connections, while it is slow, take a write when the test lets it go.</summary>
internal sealed class SlowNetwork : IUpstreamNetwork
{
    private readonly TcpNetwork _tcp = new();
    private readonly Channel<TaskCompletionSource> _waiting = Channel.CreateUnbounded<TaskCompletionSource>();

    public bool IsSlow { get; set; }

    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellation) => new SlowStream(await _tcp.ConnectAsync(host, port, cancellation), this);

    /// <summary>The next write goes, and is over when this returns.</summary>
    public async Task LetOneGoAsync()
    {
        TaskCompletionSource next = await Patience.Within(_waiting.Reader.ReadAsync().AsTask(), "a write of the relay");
        next.SetResult();
    }

    /// <summary>The next write is lost with its connection; those of the next connection go at once.</summary>
    public async Task LoseOneAsync()
    {
        TaskCompletionSource next = await Patience.Within(_waiting.Reader.ReadAsync().AsTask(), "a write of the relay");
        IsSlow = false;
        next.SetException(new IOException("the network has lost it"));
    }

    private sealed class SlowStream(Stream inner, SlowNetwork network) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (network.IsSlow)
            {
                TaskCompletionSource go = new();
                _ = network._waiting.Writer.TryWrite(go);
                await go.Task;
            }

            await inner.WriteAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
