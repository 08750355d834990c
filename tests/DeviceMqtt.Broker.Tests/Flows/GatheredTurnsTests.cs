using System.IO.Pipelines;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Several turns of one thread, whose output leaves once.</summary>
[TestClass]
internal sealed class GatheredTurnsTests
{
    private readonly Turn _turn = new(TimeProvider.System);
    private readonly Pipe _pipe = new();

    [TestMethod]
    public void Gathered_SeveralTurns_LeaveTogetherAtTheEnd()
    {
        ConnectionOutput output = Output();
        int ends = 0;
        _turn.AtEnd = () => ends++;

        _turn.BeginGathering();
        for (int i = 0; i < 3; i++)
        {
            using (_turn.Enter())
                output.Write(new byte[10]);
            Assert.IsFalse(_pipe.Reader.TryRead(out _));
        }

        _turn.EndGathering();

        Assert.AreEqual(1, ends);
        Assert.IsTrue(_pipe.Reader.TryRead(out ReadResult result));
        Assert.AreEqual(30, result.Buffer.Length);
    }

    // What the transport goes on with between two turns may take one; what it goes on with inside a flush may not.
    [TestMethod]
    public void Gathered_BetweenTurns_IsNoTurn()
    {
        List<bool> inFlush = [];
        _turn.BeginGathering();
        Assert.IsFalse(_turn.IsMine);
        using (_turn.Enter())
        {
            Assert.IsTrue(_turn.IsMine);
            _turn.Touch(new LooksAtTurn(() => inFlush.Add(_turn.IsMine)));
        }

        Assert.IsFalse(_turn.IsMine);
        _turn.EndGathering();

        Assert.IsFalse(_turn.IsMine);
        CollectionAssert.AreEqual((bool[])[true], inFlush);
    }

    [TestMethod]
    public async Task Gathered_AnotherThread_WaitsAndIsSeen()
    {
        _turn.BeginGathering();
        Assert.IsFalse(_turn.HasGatheredEnough && _turn.IsAwaited);
        Task other = Task.Run(() =>
        {
            using (_turn.Enter())
            {
            }
        });
        // This thread must stay the one that gathers.
        SpinWait.SpinUntil(() => _turn.IsAwaited, Patience.Limit);

        Assert.IsTrue(_turn.HasGatheredEnough);
        Assert.IsFalse(other.IsCompleted);
        _turn.EndGathering();
        await Patience.Within(other, "the turn of the other");
    }

    [TestMethod]
    public void Gathered_MuchForOnePeer_IsEnough()
    {
        ConnectionOutput output = Output();
        _turn.BeginGathering();
        using (_turn.Enter())
            output.Write(new byte[100_000]);

        Assert.IsTrue(_turn.HasGatheredEnough);
        _turn.EndGathering();
    }

    // Without memory for more than a little, or with a small Limits:OutputBytesMax: QoS 0 that each of these turns sent by itself is not dropped because they are gathered.
    [TestMethod]
    public void Gathered_LittleRoomForOnePeer_EachTurnHasAllOfIt()
    {
        ConnectionOutput output = Output(bytesMax: 4096);
        _turn.BeginGathering();
        for (int i = 0; i < 10; i++)
        {
            using (_turn.Enter())
            {
                for (int packet = 0; packet < 3; packet++)
                {
                    Assert.IsFalse(output.IsFull);
                    output.Write(new byte[1000]);
                }
            }
        }

        _turn.EndGathering();
        Assert.IsTrue(_pipe.Reader.TryRead(out ReadResult result));
        Assert.AreEqual(30_000, result.Buffer.Length);
    }

    // What waits for room in the queue behind it goes at the end of the turn, also where the output has left early meanwhile.
    [TestMethod]
    public void FlushEarly_OutputWasFull_WhatWaitsGoesAtTheEndOfTheTurn()
    {
        ConnectionOutput output = Output(bytesMax: 4096);
        PumpedOnce backlog = new();
        output.Backlog = backlog;
        using (_turn.Enter())
        {
            output.Write(new byte[5000]);
            Assert.IsTrue(output.IsFull);
            _turn.FlushEarly();
            Assert.IsFalse(output.IsFull);
        }

        Assert.AreEqual(1, backlog.Pumped);
    }

    // A thread that gathers takes the turn again at once, before whoever waits has woken up. How soon the other has it is a time, and no test looks at one: here all of its turns come.
    [TestMethod]
    public async Task Gathered_AgainAndAgain_AnotherThreadHasItsTurns()
    {
        const int Others = 200;
        Turn turn = new(new TickingTime());
        bool isOver = false;
        Thread gatherer = new(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                turn.BeginGathering();
                using (turn.Enter())
                    Thread.SpinWait(200);
                turn.EndGathering();
            }
        });
        gatherer.Start();
        await Patience.Within(Task.Run(TakeTurns), "all turns of the other thread");
        Volatile.Write(ref isOver, true);
        gatherer.Join();

        void TakeTurns()
        {
            for (int i = 0; i < Others; i++)
            {
                using (turn.Enter())
                    Assert.IsTrue(turn.IsMine);
            }
        }
    }

    [TestMethod]
    public void Gathered_ATurnThrows_WhatTheOthersWroteLeaves()
    {
        ConnectionOutput output = Output();
        _turn.BeginGathering();
        using (_turn.Enter())
            output.Write(new byte[10]);
        _ = Assert.ThrowsExactly<InvalidOperationException>(Fail);
        Assert.IsFalse(_turn.IsMine);
        using (_turn.Enter())
            output.Write(new byte[10]);
        _turn.EndGathering();

        Assert.IsTrue(_pipe.Reader.TryRead(out ReadResult result));
        Assert.AreEqual(20, result.Buffer.Length);

        void Fail()
        {
            using Turn.Scope scope = _turn.Enter();
            _turn.FollowUp(static () => throw new InvalidOperationException("a fault of the gateway"));
        }
    }

    private ConnectionOutput Output(int bytesMax = 1024 * 1024) =>
        new(_pipe.Writer, _turn, new Traffic(), bytesMax, new Account(long.MaxValue)) { Faulted = static (_, exception) => throw exception };

    // Each look at it is a tenth of a millisecond later.
    private sealed class TickingTime : TimeProvider
    {
        private long _us;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Interlocked.Add(ref _us, 100);
    }

    private sealed class PumpedOnce : IBacklog
    {
        public int Pumped { get; private set; }

        public bool Writes => false;

        public string Name => "a backlog";

        public AfterFault Failed(Exception fault, Turn turn) => AfterFault.OwnerEnded;

        public void Pump(long nowMs) => Pumped++;
    }

    private sealed class LooksAtTurn(Action look) : IFlushed
    {
        public SendShare? Share => null;

        public bool IsPatient => false;

        public bool IsLate { get; set; }

        public void Flush() => look();

        public void FlushEarly()
        {
        }
    }
}
