using System.IO.Pipelines;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>A connection of the thread pool is told of something by a thread that has others to serve.</summary>
[TestClass]
internal sealed class OwnThreadTests
{
    // TLS works out what it has received in the read: all connections without TLS waited for it, from then on.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Read_CancelledOnAnotherContext_TheNextIsNotThere(bool isInTurn)
    {
        await using TestBroker broker = TestBroker.Start();
        Pipe pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        Pipe output = new();
        WatchedReader reader = new(pipe.Reader);
        Assert.IsNull(SynchronizationContext.Current);
        Task served = broker.ServeAsync(new Transport(reader, output.Writer), static () => { });
        Assert.AreEqual(1, reader.Reads);

        SynchronizationContext others = new OthersContext();
        SynchronizationContext.SetSynchronizationContext(others);
        try
        {
            if (isInTurn)
            {
                using Turn.Scope scope = broker.Broker.Turn.Enter();
                pipe.Reader.CancelPendingRead();
            }
            else
            {
                pipe.Reader.CancelPendingRead();
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        await Patience.Until(() => reader.Reads == 2, "the next read");
        Assert.IsNull(reader.Context, "it is read on the thread of others");
        await pipe.Writer.CompleteAsync();
        await Patience.Within(served, "the end of the connection");
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class OthersContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ =>
        {
            SetSynchronizationContext(this);
            try
            {
                d(state);
            }
            finally
            {
                SetSynchronizationContext(null);
            }
        });
    }

    private sealed class WatchedReader(PipeReader inner) : PipeReader
    {
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        /// <summary>Of the last read.</summary>
        public SynchronizationContext? Context { get; private set; }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            Context = SynchronizationContext.Current;
            _ = Interlocked.Increment(ref _reads);
            return inner.ReadAsync(cancellationToken);
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
