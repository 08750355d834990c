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
        Assert.IsLessThan((_time.Us - beganUs) * 6 / 10, sends * SendUs, "microseconds of sending to the one user");
        Assert.IsGreaterThan((_time.Us - beganUs) / 5, sends * SendUs, "it has its share");
        Assert.IsLessThan(Messages * Outputs / 2, sends, "several messages leave together");
        _time.FireUntilQuiet();
        Assert.AreEqual(0, outputs.Sum(static output => output.Waits));
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
        Turn turn = new(_time);
        SendShare share = new(25);
        List<Output> outputs = [.. Enumerable.Range(0, Outputs).Select(_ => new Output(_time, turn, share))];
        using (turn.Enter())
            outputs.ForEach(static output => output.Write());
        Assert.IsGreaterThan(0, outputs.Sum(static output => output.Waits));
        using (turn.Enter())
        {
            turn.FlushEarly();
            Assert.AreEqual(0, outputs.Sum(static output => output.Waits));
        }

        _time.FireUntilQuiet();
    }

    private sealed class Output(UsTime time, Turn turn, SendShare share) : IFlushed
    {
        private bool _isTouched;

        public int Waits { get; private set; }

        public int Sends { get; private set; }

        public SendShare? Share => share;

        public void Write()
        {
            Waits++;
            if (!_isTouched)
                turn.Touch(this);
            _isTouched = true;
        }

        public void Flush()
        {
            _isTouched = false;
            FlushEarly();
        }

        public void FlushEarly()
        {
            if (Waits == 0)
                return;
            time.Us += SendUs;
            Sends++;
            Waits = 0;
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
