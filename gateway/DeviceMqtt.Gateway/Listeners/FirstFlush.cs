using System.IO.Pipelines;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>A transport that tells when the first bytes are sent: in a TLS handshake, that the signature is worked out (RFC 8446 section 2: the server's first flight).</summary>
internal sealed class FirstFlush(IDuplexPipe inner, Action flushed) : PipeWriter, IDuplexPipe
{
    private readonly PipeWriter _output = inner.Output;
    private Action? _flushed = flushed;

    public PipeReader Input => inner.Input;

    public PipeWriter Output => this;

    public override bool CanGetUnflushedBytes => _output.CanGetUnflushedBytes;

    public override long UnflushedBytes => _output.UnflushedBytes;

    public override void Advance(int bytes) => _output.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _output.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _output.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Tell();
        return _output.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Tell();
        return _output.WriteAsync(source, cancellationToken);
    }

    // Only ever one writer at a time, as with every pipe.
    private void Tell()
    {
        if (_flushed is not { } tell)
            return;
        _flushed = null;
        tell();
    }
}
