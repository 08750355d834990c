using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Tests.Flows;

/// <summary>
/// A fault of the gateway in one job used to end the process, and with it the connections of everybody. It ends whose the job is; one of the gateway's own goes on behind a pause that is longer each time.
/// </summary>
[TestClass]
internal sealed class JobFaultTests
{
    private readonly FakeTime _time = new();
    private readonly Turn _turn;
    private readonly Queue<Jobs> _soon = new();
    private readonly List<(string Job, AfterFault After, int PauseMs)> _faults = [];

    public JobFaultTests()
    {
        _turn = new Turn(_time);
        _turn.Jobs.RunSoon = _soon.Enqueue;
        _turn.Jobs.Faulted = (job, _, after, pauseMs) => _faults.Add((job.Name, after, pauseMs));
    }

    /// <summary>A step in each slice. It throws at those that a test names, and does not do them again.</summary>
    private sealed class Steps(string name, int steps, AfterFault after, params int[] bad) : IJob
    {
        public int Done { get; set; }

        public int Failures { get; private set; }

        public Action? Each { get; init; }

        public bool Writes => false;

        public string Name => name;

        public bool FailsTwice { get; init; }

        public bool Run(Turn turn)
        {
            if (Done >= steps)
                return true;
            int step = Done++;
            Each?.Invoke();
            if (bad.Contains(step))
                throw new InvalidOperationException("a fault of the gateway");
            return Done >= steps;
        }

        public AfterFault Failed(Exception fault, Turn turn)
        {
            Failures++;
            return FailsTwice ? throw new InvalidOperationException("and another") : after;
        }
    }

    private void RunAll()
    {
        for (int slices = 0; _soon.TryDequeue(out Jobs? jobs); slices++)
        {
            Assert.IsLessThan(1_000, slices, "it goes on and on");
            jobs.Execute();
        }
    }

    private void Continue(params IJob[] jobs)
    {
        using Turn.Scope scope = _turn.Enter();
        foreach (IJob job in jobs)
            _turn.Jobs.Continue(job);
    }

    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(4), DataRow(9)]
    public void OneOfAnOwner_ThrowsAtItsNthStep_ItIsOverAndTheOthersGoOn(int bad)
    {
        Steps broken = new("broken", 10, AfterFault.OwnerEnded, bad);
        Steps other = new("other", 10, AfterFault.OwnerEnded);
        Continue(broken, other);
        RunAll();
        Assert.AreEqual((bad + 1, 1, 10, 0), (broken.Done, broken.Failures, other.Done, _turn.Jobs.Count));
        CollectionAssert.AreEqual(new[] { ("broken", AfterFault.OwnerEnded, 0) }, _faults);
        Assert.IsFalse(_turn.IsMine);
    }

    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(4), DataRow(9)]
    public void OneThatPassesOver_ThrowsAtItsNthStep_ItDoesAllOthers(int bad)
    {
        Steps broken = new("broken", 10, AfterFault.GoesOn, bad);
        Steps other = new("other", 10, AfterFault.GoesOn);
        Continue(broken, other);
        RunAll();
        Assert.AreEqual((10, 1, 10, 0), (broken.Done, broken.Failures, other.Done, _turn.Jobs.Count));
    }

    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(4), DataRow(9)]
    public void OneOfTheGateway_ThrowsAtItsNthStep_ItRestsAndGoesOnAndIsNotBegunMeanwhile(int bad)
    {
        Steps broken = new("broken", 10, AfterFault.Later, bad);
        Steps other = new("other", 10, AfterFault.Later);
        Continue(broken, other);
        RunAll();
        Assert.AreEqual((bad + 1, 10), (broken.Done, other.Done));
        using (_turn.Enter())
        {
            Assert.IsTrue(_turn.Jobs.IsPausing(broken));
            _turn.Jobs.Start(broken);
            _turn.Jobs.Continue(broken);
        }

        RunAll();
        Assert.AreEqual(bad + 1, broken.Done, "it was begun in its pause");
        _time.Advance(TimeSpan.FromSeconds(1));
        RunAll();
        Assert.AreEqual((10, 1, 0), (broken.Done, broken.Failures, _turn.Jobs.Count));
        Assert.IsFalse(_turn.Jobs.IsPausing(broken));
    }

    [TestMethod]
    public void OneOfTheGateway_ThrowsEachTime_ItsPauseGrowsToABoundAndEndsWithAGoodPass()
    {
        Steps broken = new("broken", 8, AfterFault.Later, 0, 1, 2, 3, 4, 5, 6);
        Continue(broken);
        for (int seconds = 0; seconds < 200; seconds++)
        {
            RunAll();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        CollectionAssert.AreEqual(new[] { 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000 }, _faults.ConvertAll(static f => f.PauseMs));
        Assert.AreEqual(8, broken.Done);
        // Its end was behind a fault. The next pass has none, and then the first pause is a short one.
        broken.Done = 7;
        Continue(broken);
        RunAll();
        broken.Done = 0;
        Continue(broken);
        RunAll();
        Assert.AreEqual(1_000, _faults[^1].PauseMs);
    }

    // A look that fails each second: it is not a short pause each time only because it gets to its end in between.
    [TestMethod]
    public void OneOfTheGateway_FailsInEachPass_ItsPauseGrowsAllTheSame()
    {
        Steps broken = new("broken", 2, AfterFault.Later, 0);
        for (int seconds = 0; seconds < 20; seconds++)
        {
            using (_turn.Enter())
                _turn.Jobs.Start(broken);
            RunAll();
            _time.Advance(TimeSpan.FromSeconds(1));
            RunAll();
            if (broken.Done == 2)
                broken.Done = 0;
        }

        CollectionAssert.AreEqual(new[] { 1_000, 2_000, 4_000, 8_000 }, _faults.ConvertAll(static f => f.PauseMs).Take(4).ToArray());
    }

    [TestMethod]
    public void One_ThatIsStartedInTheWorkOfAnother_FailsAlone()
    {
        Steps broken = new("broken", 10, AfterFault.OwnerEnded, 0);
        Steps first = new("first", 10, AfterFault.OwnerEnded) { Each = () => _turn.Jobs.Start(broken) };
        Continue(first);
        RunAll();
        Assert.AreEqual(10, first.Done);
        Assert.AreEqual(0, first.Failures);
        using (_turn.Enter())
            _turn.Jobs.Start(new Steps("ready", 1, AfterFault.OwnerEnded), ready: static () => throw new InvalidOperationException("a fault of the gateway"));
        Assert.AreEqual(("ready", AfterFault.OwnerEnded, 0), _faults[^1]);
    }

    // What one has to tell at the end of its step is its own, too.
    [TestMethod]
    public void WhatOneHasToTell_Throws_ItIsItsOwnFault()
    {
        Steps broken = new("broken", 3, AfterFault.GoesOn) { Each = () => _turn.FollowUp(static () => throw new InvalidOperationException("a fault of the gateway")) };
        Steps other = new("other", 3, AfterFault.GoesOn);
        Continue(broken, other);
        RunAll();
        Assert.AreEqual((3, 3, 3, 0), (broken.Done, broken.Failures, other.Done, other.Failures));
    }

    [TestMethod]
    public void One_WhoseEndFailsToo_IsNotLost()
    {
        Steps broken = new("broken", 3, AfterFault.OwnerEnded, 0) { FailsTwice = true };
        Continue(broken);
        RunAll();
        Assert.AreEqual(("broken", AfterFault.Later, 1_000), _faults[0]);
        _time.Advance(TimeSpan.FromSeconds(1));
        RunAll();
        Assert.AreEqual(3, broken.Done);
    }

    // Nobody counts it: a fault that nobody hears of is worse than an end.
    [TestMethod]
    public void Fault_ThatNobodyCounts_IsThrown()
    {
        Turn turn = new(_time);
        using Turn.Scope scope = turn.Enter();
        _ = Assert.ThrowsExactly<InvalidOperationException>(() => turn.Jobs.Start(new Steps("broken", 3, AfterFault.OwnerEnded, 0)));
    }
}
