using System.IO.Pipelines;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>A fault of the gateway at one connection's output ends that connection; all others get what was written for them.</summary>
[TestClass]
internal sealed class OutputFaultTests
{
    private const int BytesMax = 100;
    private readonly Turn _turn = new(TimeProvider.System);
    private readonly List<Exception> _faults = [];

    private sealed class BrokenBacklog : IBacklog
    {
        public bool Writes => false;

        public string Name => "a broken backlog";

        public AfterFault Failed(Exception fault, Turn turn) => AfterFault.OwnerEnded;

        public void Pump(long nowMs) => throw new InvalidOperationException("a fault of the gateway");
    }

    [TestMethod]
    public async Task Flush_Throws_TheOthersOfThatTurnAreFlushed()
    {
        Pipe[] pipes = [new(), new(), new()];
        ConnectionOutput[] outputs = [.. pipes.Select(Output)];
        outputs[1].Backlog = new BrokenBacklog(); // pumped after a turn that filled the output
        using (_turn.Enter())
        {
            foreach (ConnectionOutput output in outputs)
                output.Write(new byte[BytesMax]);
        }

        Assert.HasCount(1, _faults);
        foreach (Pipe pipe in (Pipe[])[pipes[0], pipes[2]])
            Assert.AreEqual(BytesMax, (await pipe.Reader.ReadAsync()).Buffer.Length);
    }

    [TestMethod]
    public void EndOfATurn_Throws_WhatWasWrittenIsFlushedAndLaterTurnsToo()
    {
        Pipe pipe = new();
        ConnectionOutput output = Output(pipe);
        int turns = 0;
        _turn.AtEnd = () =>
        {
            if (turns++ == 0)
                throw new InvalidOperationException("a fault of the gateway");
        };

        _ = Assert.ThrowsExactly<InvalidOperationException>(() => Write(output));
        Write(output);

        Assert.IsTrue(pipe.Reader.TryRead(out ReadResult result));
        Assert.AreEqual(2, result.Buffer.Length);
        Assert.IsFalse(_turn.IsMine);
    }

    [TestMethod]
    public async Task EndOfAFlush_Throws_TheConnectionIsToldOfIt()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 10, resumeWriterThreshold: 5, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
        ConnectionOutput output = Output(pipe);
        output.Backlog = new BrokenBacklog();
        using (_turn.Enter())
            output.Write(new byte[20]); // more than the network takes
        Assert.IsEmpty(_faults);

        ReadResult read = await pipe.Reader.ReadAsync();
        pipe.Reader.AdvanceTo(read.Buffer.End); // now it takes more, and what waits is pumped

        await Patience.Until(() => _faults.Count > 0, "the fault");
        Assert.AreEqual("a fault of the gateway", _faults[0].Message);
    }

    private void Write(ConnectionOutput output)
    {
        using Turn.Scope scope = _turn.Enter();
        output.Write([1]);
    }

    private ConnectionOutput Output(Pipe pipe) => new(pipe.Writer, _turn, new Traffic(), BytesMax, new Account(long.MaxValue)) { Faulted = (_, fault) => _faults.Add(fault) };
}
