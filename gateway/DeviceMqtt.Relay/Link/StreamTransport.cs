using System.IO.Pipelines;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Relay.Link;

/// <summary>
/// A stream (a socket, with or without TLS) as a pair of pipes. What is flushed to <see cref="Output"/> is written to the
/// stream by the flushing thread, and the flush is complete when the stream has taken it.
/// </summary>
internal sealed class StreamTransport : IDuplexPipe, IAsyncDisposable
{
    // A batch of small messages is one block, and one write.
    private const int BlockBytes = 32 * 1024;
    private static readonly TimeSpan LastBytesTimeout = TimeSpan.FromSeconds(1);

    private readonly Pipe _out = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 1,
        resumeWriterThreshold: 1,
        minimumSegmentSize: BlockBytes,
        useSynchronizationContext: false));

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly Task _sending;
    private long _taken;

    /// <param name="stream">Closed together with the transport.</param>
    /// <param name="time">Measures how long the last bytes may take.</param>
    /// <param name="isMostlyIdle">Waits for bytes without a buffer, at the price of one more call for each read.</param>
    public StreamTransport(Stream stream, TimeProvider time, bool isMostlyIdle = false)
    {
        _stream = stream;
        _time = time;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BlockBytes, leaveOpen: true, useZeroByteReads: isMostlyIdle));
        _sending = SendAsync();
    }

    public PipeReader Input { get; }

    /// <summary>Has a read bring what comes in a moment; null where that cannot be had.</summary>
    public IGathering? Gathering { get; init; }

    public PipeWriter Output => _out.Writer;

    /// <summary>Bytes that the stream has taken. From any thread.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Gives what was flushed a moment to leave, then closes the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        await _out.Writer.CompleteAsync();
        await _sending.WaitAsync(LastBytesTimeout, _time).ConfigureAwait(Awaiting.Quietly);
        await _stream.DisposeAsync();
        await _sending;
        await Input.CompleteAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                ReadResult result = await _out.Reader.ReadAsync();
                foreach (ReadOnlyMemory<byte> block in result.Buffer)
                    for (int at = 0; at < block.Length; at += BlockBytes)
                    {
                        ReadOnlyMemory<byte> part = block.Slice(at, Math.Min(BlockBytes, block.Length - at));
                        await _stream.WriteAsync(part);
                        _ = Interlocked.Add(ref _taken, part.Length);
                    }

                _out.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    break;
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The reading side reports that the stream has ended; it is woken in case it does not see so by itself.
            Input.CancelPendingRead();
        }

        // Without the exception: the writer would get it thrown in the middle of a turn.
        await _out.Reader.CompleteAsync();
    }
}
