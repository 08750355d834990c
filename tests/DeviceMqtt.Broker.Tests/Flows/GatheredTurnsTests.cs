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

    private ConnectionOutput Output() =>
        new(_pipe.Writer, _turn, new Traffic(), 1024 * 1024, new Account(long.MaxValue)) { Faulted = static (_, exception) => throw exception };

    private sealed class LooksAtTurn(Action look) : IFlushed
    {
        public void Flush() => look();

        public void FlushEarly()
        {
        }
    }
}
