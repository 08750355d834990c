using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker;

namespace DeviceMqtt.TestSupport;

/// <summary>
/// A network connection in memory, as Kestrel hands it over. What the client sends is handled before its send returns,
/// and what it reads makes room at once: tests need not wait where a network would make them.
/// </summary>
internal sealed class TestTransport : IDuplexPipe
{
    private readonly Pipe _toGateway;
    private readonly Pipe _toClient;

    /// <param name="networkBytes">What the network takes before the gateway's flush waits; 0 for everything.</param>
    /// <param name="parallel">The gateway handles what it reads in threads of the pool, as many at once as there are.</param>
    /// <param name="reading">When the gateway goes on with what it read, where the test decides that.</param>
    public TestTransport(int networkBytes, bool parallel = false, PipeScheduler? reading = null)
    {
        PipeScheduler gateway = parallel ? PipeScheduler.ThreadPool : PipeScheduler.Inline;
        _toGateway = new Pipe(new PipeOptions(
            readerScheduler: reading ?? gateway, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
        // Reading goes on elsewhere: a test must not run inside a turn of the gateway.
        _toClient = new Pipe(new PipeOptions(
            readerScheduler: PipeScheduler.ThreadPool,
            writerScheduler: gateway,
            pauseWriterThreshold: networkBytes,
            resumeWriterThreshold: (networkBytes + 1) / 2,
            useSynchronizationContext: false));
    }

    PipeReader IDuplexPipe.Input => _toGateway.Reader;

    PipeWriter IDuplexPipe.Output => _toClient.Writer;

    /// <summary>Bytes from the client to the gateway.</summary>
    public PipeWriter ToGateway => _toGateway.Writer;

    /// <summary>Bytes from the gateway to the client.</summary>
    public PipeReader FromGateway => _toClient.Reader;

    /// <summary>The gateway has aborted the connection instead of closing it.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>What the kernel would say that the client's machine has taken.</summary>
    public long BytesTaken { get; set; }

    /// <summary>What the kernel would say that has arrived from the client and is not in the pipe yet.</summary>
    public long BytesUnread { get; set; }

    /// <summary>Completes when the gateway is done with the connection.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Run(MqttBroker broker, EndPoint remote) => Ended = RunAsync(broker, remote);

    private async Task RunAsync(MqttBroker broker, EndPoint remote)
    {
        await broker.ServeAsync(this, remote, Abort, () => BytesTaken, () => BytesUnread);
        await _toClient.Writer.CompleteAsync();
        await _toGateway.Reader.CompleteAsync();
    }

    private void Abort()
    {
        IsAborted = true;
        _toGateway.Writer.Complete(new IOException("aborted"));
        _toClient.Writer.CancelPendingFlush();
    }
}
