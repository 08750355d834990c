using System.Buffers;
using System.IO.Pipelines;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// The transport of a TLS connection, which tells when the server's first bytes are sent: that the signature is worked out (RFC 8446 section 2: the server's first flight). Where these
/// are a HelloRetryRequest (section 4.1.4) it is not: the client is to send another ClientHello, which waits here until it is whole and may be worked on, as the first one did.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="helloBytes">Of its ClientHello, which is here. What came behind it is not shown before the server has answered, for it may be the next one.</param>
/// <param name="flushed">The first bytes are about to be sent.</param>
/// <param name="mayWork">Completes when the second ClientHello may be worked on; then the next bytes are told, too.</param>
internal sealed class HandshakePipe(IDuplexPipe inner, long helloBytes, Action flushed, Func<CancellationToken, Task> mayWork) : PipeWriter, IDuplexPipe
{
    private readonly PipeWriter _output = inner.Output;
    private readonly Reader _input = new(inner.Input, helloBytes, mayWork);
    private bool _isTold;

    public PipeReader Input => _input;

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
        Tell([]);
        return _output.FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Tell(source.Span);
        return _output.WriteAsync(source, cancellationToken);
    }

    // Only ever one writer at a time, as with every pipe; and in a handshake nobody reads meanwhile.
    private void Tell(ReadOnlySpan<byte> bytes)
    {
        if (_isTold)
        {
            if (!_input.HasWaited)
                return;
            _input.HasWaited = false;
        }

        _isTold = true;
        _input.ShowAll();
        _input.WaitsForSecond = ServerHello.IsRetryRequest(bytes);
        flushed();
    }

    private sealed class Reader(PipeReader input, long helloBytes, Func<CancellationToken, Task> mayWork) : PipeReader
    {
        /// <summary>What is read next is a second ClientHello.</summary>
        public bool WaitsForSecond { get; set; }

        /// <summary>It is here, and is worked on.</summary>
        public bool HasWaited { get; set; }

        private long _left = helloBytes;
        private ReadOnlySequence<byte> _shown;

        public void ShowAll() => _left = 0;

        public override void AdvanceTo(SequencePosition consumed)
        {
            Take(consumed);
            input.AdvanceTo(consumed);
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            Take(consumed);
            input.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => input.CancelPendingRead();

        public override void Complete(Exception? exception = null) => input.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            if (WaitsForSecond || !input.TryRead(out result))
                return false;
            result = Shown(result);
            return true;
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            WaitsForSecond ? ReadSecondAsync(cancellationToken) : _left > 0 ? ReadFirstAsync(cancellationToken) : input.ReadAsync(cancellationToken);

        private async ValueTask<ReadResult> ReadFirstAsync(CancellationToken cancellationToken) => Shown(await input.ReadAsync(cancellationToken));

        private ReadResult Shown(ReadResult result)
        {
            if (_left <= 0)
                return result;
            _shown = result.Buffer.Slice(0, Math.Min(_left, result.Buffer.Length));
            return new ReadResult(_shown, result.IsCanceled, result.IsCompleted && _shown.Length == result.Buffer.Length);
        }

        private void Take(SequencePosition consumed)
        {
            if (_left <= 0)
                return;
            _left -= _shown.Slice(0, consumed).Length;
            _shown = default;
        }

        private async ValueTask<ReadResult> ReadSecondAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(cancellationToken);
                ClientHello.Outcome outcome = ClientHello.LookAtSecond(result.Buffer);
                if (outcome == ClientHello.Outcome.NeedMore && !result.IsCompleted && !result.IsCanceled)
                {
                    input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                WaitsForSecond = false;
                if (outcome != ClientHello.Outcome.Whole)
                    return result; // no handshake comes of it
                input.AdvanceTo(result.Buffer.Start);
                await mayWork(cancellationToken);
                HasWaited = true;
                return await input.ReadAsync(cancellationToken);
            }
        }
    }
}
