using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>Sends to the clients of one user take no more than its share of the time, where all want it. The clock moves with each send by what that takes.</summary>
[TestClass]
internal sealed class SendShareTests
{
    private const int SendUs = 10;
    private const int Outputs = 500;
    private readonly UsTime _time = new();

    [TestMethod]
    public void Leave_MessagesForManyOfOneUser_TakeNoMoreThanHalfOfTheTimeAndOthersWaitForNothing()
    {
        Turn turn = new(_time);
        SendShare many = new(25), few = new(25);
        List<Output> outputs = [.. Enumerable.Range(0, Outputs).Select(_ => new Output(_time, turn, many))];
        Output board = new(_time, turn, few);
        long beganUs = _time.Us;
        const int Messages = 200;
        for (int i = 0; i < Messages; i++)
        {
            _time.Us += 1_000;
            using (turn.Enter())
            {
                outputs.ForEach(static output => output.Write());
                board.Write();
            }

            Assert.AreEqual(0, board.Waits, $"what is for another waits, after message {i}");
        }

        long sends = outputs.Sum(static output => (long)output.Sends);
        Assert.IsLessThan((_time.Us - beganUs) * 7 / 10, sends * SendUs, "microseconds of sending to the one user");
        Assert.IsGreaterThan((_time.Us - beganUs) / 5, sends * SendUs, "it has its share");
        Assert.IsLessThan(Messages * Outputs / 2, sends, "several messages leave together");
        _time.FireUntilQuiet();
        Assert.AreEqual(0, outputs.Sum(static output => output.Waits));
    }

    // The thread of the sockets has nothing else to do: nothing waits for the clock.
    [TestMethod]
    public void Leave_NobodyWantsTheTime_SomeOfThoseThatWaitLeaveAtATime()
    {
        (Turn turn, List<Output> outputs) = ManyInDebt(out _);
        int waiting = outputs.Sum(static output => output.Waits);
        Assert.IsTrue(turn.HasLateSends);
        turn.BeginGathering();
        turn.HasTimeForLateSends();
        turn.EndGathering();
        int left = outputs.Sum(static output => output.Waits);
        Assert.IsLessThan(waiting, left);
        Assert.IsGreaterThan(waiting / 2, left, "others have their turn in between");
        for (int i = 0; i < Outputs && turn.HasLateSends; i++)
        {
            turn.BeginGathering();
            turn.HasTimeForLateSends();
            turn.EndGathering();
        }

        Assert.AreEqual(0, outputs.Sum(static output => output.Waits));
    }

    // The first in the line of users may have waited for less long than the next.
    [TestMethod]
    public void Leave_TwoUsersInDebt_ThoseThatHaveWaitedLongestGoOnWithEachTurn()
    {
        (Turn turn, List<Output> outputs) = ManyInDebt(out _);
        SendShare second = new(25);
        List<Output> others = [.. Enumerable.Range(0, Outputs).Select(_ => new Output(_time, turn, second))];
        _time.Us += 15_000;
        using (turn.Enter())
            others.ForEach(static output => output.Write());
        Assert.IsGreaterThan(0, others.Sum(static output => output.Waits));
        _time.Us += 6_000;
        for (int i = 0; i < 3; i++)
        {
            int waiting = outputs.Sum(static output => output.Waits);
            Assert.IsGreaterThan(0, waiting);
            using (turn.Enter())
            {
            }

            Assert.IsLessThan(waiting, outputs.Sum(static output => output.Waits), $"in turn {i}");
        }

        _time.FireUntilQuiet();
    }

    // However much it is: there is nobody who would have the time instead.
    [TestMethod]
    public void Leave_OneUserAlone_NothingWaits()
    {
        Turn turn = new(_time);
        SendShare share = new(25);
        List<Output> outputs = [.. Enumerable.Range(0, Outputs).Select(_ => new Output(_time, turn, share))];
        for (int i = 0; i < 20; i++)
        {
            using (turn.Enter())
                outputs.ForEach(static output => output.Write());
            Assert.AreEqual(0, outputs.Sum(static output => output.Waits), $"after message {i}");
        }
    }

    // An output that has room again takes more from its backlog.
    [TestMethod]
    public void Leave_OneOfThoseThatWaitedHasAnotherWrittenTo_ThatLeavesToo()
    {
        (Turn turn, List<Output> outputs) = ManyInDebt(out Output board);
        outputs.ForEach(output => output.Sent = board.Write);
        turn.BeginGathering();
        turn.HasTimeForLateSends();
        turn.EndGathering();
        Assert.AreEqual(0, board.Waits);
        _time.FireUntilQuiet();
    }

    [TestMethod]
    public void Leave_OneOfThoseThatWaitGetsAnAnswer_ItLeavesAtOnceAndOnce()
    {
        (Turn turn, List<Output> outputs) = ManyInDebt(out _);
        Output answered = outputs[^1];
        int sends = answered.Sends;
        Assert.IsGreaterThan(0, answered.Waits);
        using (turn.Enter())
            answered.Answer();
        Assert.AreEqual(0, answered.Waits);
        _time.FireUntilQuiet();
        Assert.AreEqual(sends + 1, answered.Sends);
        Assert.AreEqual(0, outputs.Sum(static output => output.Waits));
    }

    private (Turn Turn, List<Output> Outputs) ManyInDebt(out Output board)
    {
        Turn turn = new(_time);
        SendShare many = new(25);
        List<Output> outputs = [.. Enumerable.Range(0, Outputs).Select(_ => new Output(_time, turn, many))];
        Output other = board = new Output(_time, turn, new SendShare(25));
        for (int i = 0; i < 2; i++)
        {
            using (turn.Enter())
            {
                other.Write();
                outputs.ForEach(static output => output.Write());
            }
        }

        return (turn, outputs);
    }

    [TestMethod]
    public void Leave_AFewSends_LeaveAtOnce()
    {
        Turn turn = new(_time);
        SendShare share = new(25);
        List<Output> outputs = [.. Enumerable.Range(0, 40).Select(_ => new Output(_time, turn, share))];
        for (int i = 0; i < 200; i++)
        {
            _time.Us += 1_000;
            using (turn.Enter())
                outputs.ForEach(static output => output.Write());
            Assert.AreEqual(0, outputs.Sum(static output => output.Waits));
        }
    }

    // For want of memory.
    [TestMethod]
    public void FlushEarly_SomeWaitForTheirShare_TheyLeaveToo()
    {
        (Turn turn, List<Output> outputs) = ManyInDebt(out _);
        Assert.IsGreaterThan(0, outputs.Sum(static output => output.Waits));
        using (turn.Enter())
        {
            turn.FlushEarly();
            Assert.AreEqual(0, outputs.Sum(static output => output.Waits));
        }

        _time.FireUntilQuiet();
    }

    // Each of many that find no memory asked all, again and again, in the time of the publisher.
    [TestMethod]
    public void FlushEarly_NothingWrittenSince_NobodyIsAskedAgain()
    {
        Turn turn = new(_time);
        SendShare share = new(25);
        List<Output> outputs = [.. Enumerable.Range(0, Outputs).Select(_ => new Output(_time, turn, share))];
        using (turn.Enter())
        {
            outputs.ForEach(static output => output.Write());
            turn.FlushEarly();
            turn.FlushEarly();
            Assert.AreEqual(Outputs, outputs.Sum(static output => output.Asked));
            Output more = new(_time, turn, share);
            more.Write();
            turn.FlushEarly();
            Assert.AreEqual(1, more.Asked, "something more was written");
        }

        _time.FireUntilQuiet();
    }

    // Each turn that found no memory asked all that wait, of all users, although nothing more was written to them.
    [TestMethod]
    public void FlushEarly_ManyWaitSinceATurnBefore_ThoseAreAskedThatHaveSomethingNew()
    {
        (Turn turn, List<Output> outputs) = ManyInDebt(out _);
        List<Output> waiting = [.. outputs.Where(static output => output.IsLate)];
        Assert.IsGreaterThan(1, waiting.Count);
        int asked = waiting.Sum(static output => output.Asked);
        using (turn.Enter())
        {
            turn.FlushEarly();
            Assert.AreEqual(asked += waiting.Count, waiting.Sum(static output => output.Asked));
            waiting[0].WriteMore();
            turn.FlushEarly();
            Assert.AreEqual(asked + 1, waiting.Sum(static output => output.Asked));
            Assert.AreEqual(0, waiting[0].Waits);
        }

        _time.FireUntilQuiet();
    }

    private sealed class Output(UsTime time, Turn turn, SendShare share) : IFlushed
    {
        private bool _isTouched;

        public int Waits { get; private set; }

        public int Sends { get; private set; }

        public int Asked { get; private set; }

        public SendShare? Share => share;

        public bool IsPatient { get; private set; } = true;

        public bool IsLate { get; set; }

        public Action? Sent { get; set; }

        public void Answer()
        {
            IsPatient = false;
            IsLate = false;
            Waits++;
            turn.Touch(this);
        }

        public void Write()
        {
            Waits++;
            if (!_isTouched)
                turn.Touch(this);
            _isTouched = true;
        }

        /// <summary>As an output does that waits since a turn before.</summary>
        public void WriteMore()
        {
            Waits++;
            turn.NoteUnflushed(this, isFirst: Waits == 1);
        }

        public void Flush()
        {
            _isTouched = false;
            IsPatient = true;
            IsLate = false;
            FlushEarly();
        }

        public void FlushEarly()
        {
            Asked++;
            if (Waits == 0)
                return;
            time.Us += SendUs;
            Sends++;
            Waits = 0;
            Sent?.Invoke();
        }
    }

    private sealed class UsTime : TimeProvider
    {
        private Action? _due;

        public long Us { get; set; } = 1_000_000;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => Us;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(this, () => callback(state));

        public void FireUntilQuiet()
        {
            while (Interlocked.Exchange(ref _due, null) is { } due)
            {
                Us += 1_000;
                due();
            }
        }

        private sealed class Timer(UsTime time, Action act) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time._due = dueTime == Timeout.InfiniteTimeSpan ? null : act;
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
